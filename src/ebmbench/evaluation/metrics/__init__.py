"""Metrics: functions of samples and log-densities that return estimates with errors, one idea per module."""
