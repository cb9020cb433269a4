"""Fixed statistics T(x), one plug-in a module."""
