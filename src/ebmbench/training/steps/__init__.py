"""Training steps: one strategy per kind of model or method, composed by :mod:`ebmbench.training.factory`."""
