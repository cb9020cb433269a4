"""Estimators of the normalising constant log Z, each with a standard error."""
