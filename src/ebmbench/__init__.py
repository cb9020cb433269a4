"""A reproducible benchmark suite for energy-based generative models."""

__version__ = "0.1.0"
