"""Samplers: Markov kernels, and direct samplers without chains."""
