"""The process that forks the workflow's jobs: the fork server's client runs this module with LISTENER FOLDER."""

from __future__ import annotations

import gc
import importlib
import shutil
import signal
import socket
import sys

from ebmbench.workflow.cli.app import run
from ebmbench.workflow.forkserver.server import Server

#: the slowest imports of the stages that every run needs
IMPORTED = (
    "scipy.stats",
    "ebmbench.workflow.stages.train",
    "ebmbench.workflow.stages.sample",
    "ebmbench.workflow.stages.score",
)


def main() -> None:
    """Import the stages, then serve on the inherited socket until standard input is closed."""
    listener, folder = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    # Ctrl-C reaches all processes of a terminal, but this one ends when its parent does
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for name in IMPORTED:
            importlib.import_module(name)
        # forks share memory pages that the garbage collector never touches
        gc.collect()
        gc.freeze()
        Server(listener, sys.stdin.fileno(), run).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
