"""The command line, ``ebmbench`` or ``python -m ebmbench``: commands for users, and the workflow's stages.

This module imports nothing that takes time: a stage that the fork server runs never needs the rest of the package here.
"""

from __future__ import annotations

import sys

from ebmbench.workflow.forkserver.client import asked


def main() -> int:
    """Run the command of ``sys.argv``, a stage in a fork where a fork server listens, and return its exit code."""
    words = sys.argv[1:]
    code = asked(words) if words[:1] == ["stage"] else None
    if code is None:
        from ebmbench.workflow.cli.app import run

        code = run(words)
    return code
