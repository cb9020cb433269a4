"""Data sets: one plug-in per module; modules without ``__all__`` hold code that several data sets share."""
