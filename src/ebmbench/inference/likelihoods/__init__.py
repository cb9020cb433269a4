"""Estimates of log Z, each with its error."""
