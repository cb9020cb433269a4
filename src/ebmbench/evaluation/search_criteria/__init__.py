"""Scores by which a search compares its trials, one criterion a file."""
