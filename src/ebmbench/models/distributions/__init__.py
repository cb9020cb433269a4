"""Distributions that the families are built from: normal and tilted densities, flows, generators, decoders."""
