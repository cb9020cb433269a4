"""Choice of a method for a table: a configuration, two runs of it within a given time, and a recommendation."""
