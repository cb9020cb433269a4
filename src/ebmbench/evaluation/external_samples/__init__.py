"""External samples and log-densities of a user, scored like those of the grid."""
