"""Foundations for all other packages: plug-ins, cells, files, errors, random streams. Imports no other package."""
