"""State of a training run on disk, from which another process continues after a kill."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ebmbench.core import files


class StateFile:
    """One file that holds the state of exactly one training job, a dictionary of tensors, numbers and strings.

    The first line is JSON: the job and the SHA-256 of the rest, which is the dictionary as torch saves it. It is read
    with ``torch.load(weights_only=True)``, which runs no code, whoever wrote the file. ``found``: the state that the
    file held when this object was made; None if there is no file, if it is damaged, holds anything else or belongs to
    another job; a line on standard output then says so.
    """

    def __init__(self, path: Path, job: Mapping[str, Any]) -> None:
        """``job``: everything that the state depends on, as JSON values."""
        self.path, self.job = path, json.loads(json.dumps(job))
        self.found = self._read() if path.exists() else None
        self.saved = time.monotonic()

    def due(self, minutes: float) -> bool:
        """Return True if the last save, or the start of this process, is at least ``minutes`` of wall clock ago."""
        return time.monotonic() - self.saved >= 60 * minutes

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the file's content by ``state``."""
        buffer = io.BytesIO()
        torch.save(state, buffer)
        body = buffer.getbuffer()
        head = {"job": self.job, "sha256": hashlib.sha256(body).hexdigest()}
        with files.replacing(self.path) as temporary, temporary.open("wb") as handle:
            handle.write(json.dumps(head).encode() + b"\n")
            handle.write(body)
        self.saved = time.monotonic()

    def _read(self) -> dict[str, Any] | None:
        try:
            return self._load()
        except _UnusableError as error:
            print(f"{self.path.name} {error}: training starts anew", flush=True)
            return None

    def _load(self) -> dict[str, Any]:
        line, _, body = self.path.read_bytes().partition(b"\n")
        try:
            head = json.loads(line)
            job, intact = dict(head["job"]), head["sha256"] == hashlib.sha256(body).hexdigest()
        except (ValueError, TypeError, KeyError):
            job, intact = {}, False
        if not intact:
            raise _UnusableError("is damaged, or no training state")
        if job != self.job:
            other = [name for name in sorted({*job, *self.job}) if job.get(name) != self.job.get(name)]
            raise _UnusableError(f"is of another training job ({', '.join(other)})")
        try:
            return dict(torch.load(io.BytesIO(body), weights_only=True))
        except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, TypeError) as error:
            raise _UnusableError("holds more than tensors, numbers and strings") from error


class _UnusableError(Exception):
    """The content of a file is not the state of the job."""


class NoStateFile:
    """Stands in for a :class:`StateFile` in runs that are not saved."""

    found = None

    def due(self, minutes: float) -> bool:
        """Return False."""
        return False

    def save(self, state: Mapping[str, Any]) -> None:
        """Do nothing."""


def state_path(folder: Path, seed: int) -> Path:
    """Return the path of the state of a seed, for a job that writes into ``folder``."""
    return folder / f"resume-{seed}.pt"


def clear(folder: Path) -> None:
    """Delete the state files of ``folder``, including incomplete ones of killed processes."""
    for path in folder.glob("*resume-*.pt"):
        # a job that outlived its killed workflow may clear the same folder
        path.unlink(missing_ok=True)
