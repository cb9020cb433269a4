"""Places in a checkout that commands use."""

#: the default configuration, and the folder of the committed runs
CONFIG, REFERENCE = "config/config.yaml", "results/reference"
