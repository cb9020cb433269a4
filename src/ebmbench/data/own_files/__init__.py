"""Files of the user's own that a configuration names: their paths, their content, and why one is refused."""
