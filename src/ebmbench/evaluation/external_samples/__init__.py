"""A user's own samples and log-densities, scored as the grid's are."""
