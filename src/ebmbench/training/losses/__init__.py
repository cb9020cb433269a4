"""Training losses, one plug-in per module: pure functions of a model, a batch and a random generator."""
