"""Samplers and log Z estimators on targets with known answers."""
