"""Ways to the natural parameters of fixed statistics, one plug-in a module."""
