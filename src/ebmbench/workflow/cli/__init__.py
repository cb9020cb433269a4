"""The command line, ``ebmbench`` or ``python -m ebmbench``: commands for users, and the workflow's stages.

This module imports nothing that takes time: a stage that the fork server runs never needs the rest of the package here.
"""

from __future__ import annotations

import signal
import sys

from ebmbench.workflow.forkserver.client import asked

#: exit code after Ctrl-C, as in shells: 128 plus the signal's number
INTERRUPTED = 128 + signal.SIGINT


def main() -> int:
    """Run the command of ``sys.argv``, a stage in a fork where a fork server listens, and return its exit code."""
    words = sys.argv[1:]
    try:
        code = asked(words) if words[:1] == ["stage"] else None
        if code is None:
            from ebmbench.workflow.cli.app import run

            code = run(words)
    except KeyboardInterrupt:
        print("ebmbench: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code
