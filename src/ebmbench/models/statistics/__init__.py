"""Fixed statistics T(x), one plug-in per module."""
