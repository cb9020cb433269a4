"""Samplers: kernels that map a state to the next, and ways to whole draws."""
