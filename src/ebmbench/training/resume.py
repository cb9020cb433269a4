"""The state of a run on disk, from which a process goes on that takes the place of a killed one."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ebmbench.core import files
from ebmbench.training import signing


class StateFile:
    """One file that holds an object, as it was at some moment, of exactly one task.

    Its first line is JSON: the task and the signature of the rest, which is the object as torch saves it, parameters
    and generators shared as they were. Such a file may run any code where it is read, so that only those of this user
    are (:mod:`ebmbench.training.signing`). ``found``: what the file held when this was made; None where there is none,
    where it is not whole or not signed by this user, or where it is of another task, which a line on standard output
    says.
    """

    def __init__(self, path: Path, task: Mapping[str, Any]) -> None:
        """``task``: all that the object depends on, as JSON has it."""
        self.path, self.task = path, json.loads(json.dumps(task))
        self.found = self._read() if path.exists() else None
        self.saved = time.monotonic()

    def due(self, minutes: float) -> bool:
        """Whether the last state, or the start of this process, is ``minutes`` or more of wall clock ago."""
        return time.monotonic() - self.saved >= 60 * minutes

    def save(self, content: object) -> None:
        """Put ``content`` in the place of what the file holds."""
        buffer = io.BytesIO()
        torch.save(content, buffer)
        body = buffer.getbuffer()
        head = {"task": self.task, "signature": signing.signature(body)}
        with files.replacing(self.path) as temporary, temporary.open("wb") as handle:
            handle.write(json.dumps(head).encode() + b"\n")
            handle.write(body)
        self.saved = time.monotonic()

    def _read(self) -> Any | None:
        line, _, body = self.path.read_bytes().partition(b"\n")
        try:
            head = json.loads(line)
            whole = signing.signed(body, head["signature"])
        except (ValueError, TypeError, KeyError):
            whole = False
        if not whole:
            return self._ignored("is not whole, or not of this user")
        if head["task"] != self.task:
            names = sorted({*head["task"], *self.task})
            other = [name for name in names if head["task"].get(name) != self.task.get(name)]
            return self._ignored(f"is of another task ({', '.join(other)})")
        # more than tensors is in it
        return torch.load(io.BytesIO(body), weights_only=False)

    def _ignored(self, reason: str) -> None:
        print(f"{self.path.name} {reason}: training starts anew", flush=True)


def state_path(folder: Path, seed: int) -> Path:
    """Where a job in ``folder`` keeps the state of a seed until all of it is done."""
    return folder / f"resume-{seed}.pt"


def clear(folder: Path) -> None:
    """Delete the state files of ``folder``, the half-written ones of killed processes among them."""
    for path in folder.glob("*resume-*.pt"):
        # a job that outlived its killed workflow may clear the same folder
        path.unlink(missing_ok=True)
