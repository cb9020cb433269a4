"""Inference with a trained model: sampling, estimation of log Z, exponential tilting."""
