"""``python -m ebmbench``: the command line."""

from __future__ import annotations

import sys

from ebmbench.workflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
