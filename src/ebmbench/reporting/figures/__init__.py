"""Figures, one per module; each writes a PDF, a PNG and the drawn numbers as CSV."""
