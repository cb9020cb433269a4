"""What every other package builds on: plug-ins, cells, files, errors, random streams. Imports no other package."""
