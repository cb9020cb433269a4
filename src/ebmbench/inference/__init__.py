"""Inference with a model: samplers, estimates of log Z, exponential tilting."""
