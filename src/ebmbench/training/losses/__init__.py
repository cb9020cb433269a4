"""Training losses, each a pure function of a model, a batch and a generator."""
