"""Feature extractors for images: one plug-in per file."""
