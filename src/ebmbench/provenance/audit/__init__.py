"""Audit: check that a fresh run reproduces the committed results."""
