"""Provenance: which code, configuration, data and machine made a result, and the audit of all that."""
