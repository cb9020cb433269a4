"""Evaluation: the files that scoring reads, metrics, feature extractors, external samples."""
