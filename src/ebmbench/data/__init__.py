"""Data sets: one plug-in a module; the modules without ``__all__`` hold what several of them share."""
