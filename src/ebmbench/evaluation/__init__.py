"""Evaluation: the files that scoring reads, metrics, feature extractors, samples from outside."""
