"""Experiments of the papers outside the grid of trained models: exact curves and small studies."""
