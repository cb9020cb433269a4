"""Planning: check the configuration and resolve it into jobs with their settings. Imports no torch."""
