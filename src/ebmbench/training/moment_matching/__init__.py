"""Moment-matching methods, which find the natural parameters of fixed statistics; one plug-in per module."""
