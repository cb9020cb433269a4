"""Experiments of the papers that train no model of the grid: exact curves and small studies."""
