"""Samplers and estimates of log Z on targets whose answers are known."""
