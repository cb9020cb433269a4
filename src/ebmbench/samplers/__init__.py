"""Samplers: a state, and a kernel that maps a state to the next."""
