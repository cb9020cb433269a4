"""Places in a checkout that commands use."""

from ebmbench.provenance.reference_order import CONFIG

__all__ = ["CONFIG", "REFERENCE"]

#: the folder of the committed runs
REFERENCE = "results/reference"
