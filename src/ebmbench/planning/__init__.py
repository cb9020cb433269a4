"""Planning: the configuration, checked and resolved into jobs with their settings. Imports no torch."""
