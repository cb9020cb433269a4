"""Provenance: the code, configuration, data and machine behind each result, and their audit."""
