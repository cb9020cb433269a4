"""The suite as a Python library: data sets, trained models and committed results in use."""
