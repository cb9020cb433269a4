"""Local files that results depend on: their content and what identifies it later. Imports no torch."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple


class LocalFile(NamedTuple):
    """A file as it was when it was read: absolute path, sha256, size in bytes, time of the last change in ns."""

    path: str
    sha256: str
    size: int
    mtime_ns: int

    def present_digest(self) -> str | None:
        """Return the sha256 of the file as it is now, or None if it cannot be read.

        The file is only hashed if its size or its time of change differs from the recorded one.
        """
        try:
            status = Path(self.path).stat()
            if (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns):
                return self.sha256
            return _digest(Path(self.path))
        except OSError:
            return None


def observe(path: Path) -> LocalFile:
    """Return the record of a file as it is now, under ``path`` as it stands; raise ``OSError`` if it cannot be read."""
    status = path.stat()
    return LocalFile(str(path), _digest(path), status.st_size, status.st_mtime_ns)


class LocalContent(NamedTuple):
    """The bytes of a local file, and the record of that file."""

    content: bytes
    file: LocalFile


def read(path: Path) -> LocalContent:
    """Read a file and record it; raise ``OSError`` if that fails."""
    # the time before reading: a change while the file is read differs from it afterwards
    status = path.stat()
    content = path.read_bytes()
    return LocalContent(content, record(path, content, status))


def record(path: Path, content: bytes, status: os.stat_result) -> LocalFile:
    """Return the record of a file with this content and this status."""
    sha256 = hashlib.sha256(content).hexdigest()
    return LocalFile(str(path.absolute()), sha256, status.st_size, status.st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
