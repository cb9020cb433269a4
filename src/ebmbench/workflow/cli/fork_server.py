"""The process that forks the workflow's jobs: the fork server's client runs this module with LISTENER FOLDER."""

from __future__ import annotations

import gc
import importlib
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from ebmbench.workflow.cli.app import run
from ebmbench.workflow.forkserver.server import Server

#: the slowest imports of the stages that every run needs
IMPORTED = (
    "scipy.stats",
    "ebmbench.workflow.stages.train",
    "ebmbench.workflow.stages.sample",
    "ebmbench.workflow.stages.score",
)

DRAWING = ("matplotlib.pyplot", "fontTools.subset")

#: stage -> the slowest imports that it needs besides: done before its first fork, and shared by all later forks
IMPORTED_BY_STAGE = {
    "check_settings": ("ebmbench.planning.config",),
    "sample": ("arviz_stats.base",),
    "collect": ("ebmbench.planning.config",),
    "tables": ("ebmbench.planning.config", "tabulate"),
    "comparison": DRAWING,
    "experiment": DRAWING,
    "image_scores": ("ebmbench.evaluation.metrics.fidelity_metrics",),
    "figure": ("ebmbench.planning.config", *DRAWING),
    "ranks": ("tabulate", *DRAWING),
}


def prepare(words: Sequence[str]) -> None:
    """Import the modules of :data:`IMPORTED_BY_STAGE` for the command ``words``; a fork then has them from the start.

    An error is left to the fork, whose client shows it.
    """
    missing = [name for name in IMPORTED_BY_STAGE.get("".join(words[1:2]), ()) if name not in sys.modules]
    for name in missing:
        with suppress(Exception):
            importlib.import_module(name)
    if missing:
        gc.freeze()


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
        Server(listener, sys.stdin.fileno(), run, prepare).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
