"""A stage of the choice: one call of Snakemake, whose progress is shown with the time left."""

from __future__ import annotations

import re
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError

#: what Snakemake says after a job
_DONE = re.compile(r"^(\d+) of (\d+) steps")

#: lines of the log that are shown when a job fails
_LAST = 15

Say = Callable[[str], None]


class Call(NamedTuple):
    """What a stage is called, the words of its command, and the folder to run it in."""

    title: str
    words: Sequence[str]
    folder: Path


def run_stage(call: Call, log: Path, deadline: float, say: Say) -> float:
    """Run a stage and return its wall time in seconds; its output is appended to ``log``.

    ``deadline``: on the clock :func:`time.monotonic`. ``say`` gets a line per finished tenth of the jobs: jobs
    done, the stage's estimated rest, and what is left of the whole time. Raises :class:`UserError` with the last
    lines of the output if Snakemake fails.
    """
    started, last = time.monotonic(), deque[str](maxlen=_LAST)
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(call.title, started, deadline)
    with log.open("a", encoding="utf-8") as file, _started(call) as process:
        for line in process.stdout or ():
            file.write(line)
            last.append(line.rstrip())
            if found := _DONE.match(line):
                progress.report(int(found[1]), int(found[2]), say)
    if process.returncode != 0:
        shown = "\n".join(line for line in last if line)
        raise UserError(f"{call.title}: snakemake ended with exit code {process.returncode}, see {log}\n{shown}")
    return time.monotonic() - started


def _started(call: Call) -> subprocess.Popen[str]:
    return subprocess.Popen(
        call.words, cwd=call.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


class Progress:
    """Lines about the progress of a stage, one per tenth of its jobs."""

    def __init__(self, title: str, started: float, deadline: float) -> None:
        self._title, self._started, self._deadline, self._tenth = title, started, deadline, -1

    def report(self, done: int, total: int, say: Say) -> None:
        """Say how far the stage is, unless this tenth has been said."""
        if 10 * done // total == self._tenth:
            return
        self._tenth = 10 * done // total
        now = time.monotonic()
        rest = (now - self._started) / done * (total - done)
        say(
            f"{self._title}: {done} of {total} jobs, about {clock(rest)} to go; "
            f"{clock(self._deadline - now)} of the time left"
        )


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, at least 0:00."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
