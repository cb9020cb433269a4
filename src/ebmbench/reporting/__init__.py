"""Reporting: comparisons of methods, claims, tables, figures and the page of all results."""
