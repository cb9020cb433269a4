"""Local files that results depend on: their content and what identifies it later. Imports no torch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class LocalFile(NamedTuple):
    """A file as it was when it was read: absolute path, sha256, size in bytes, time of the last change in ns.

    For a folder, the sha256 is :func:`digest_of_folder`; size and time are sums over it and all that it holds, so that
    a file which is added, edited, renamed or deleted changes one of them.
    """

    path: str
    sha256: str
    size: int
    mtime_ns: int

    def present_digest(self) -> str | None:
        """Return the sha256 of the file as it is now, or None if it cannot be read.

        The file is only hashed if its size or its time of change differs from the recorded one.
        """
        try:
            if status_of(Path(self.path)) == (self.size, self.mtime_ns):
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


class Status(NamedTuple):
    """Size in bytes and time of the last change in ns, as :class:`LocalFile` has them."""

    size: int
    mtime_ns: int


def status_of(path: Path) -> Status:
    """Return the status of a file, or of a folder with all that it holds; raise ``OSError`` if there is none."""
    found = [path.stat(), *(below.stat() for below in _below(path))]
    return Status(sum(one.st_size for one in found), sum(one.st_mtime_ns for one in found))


def files_of(folder: Path) -> list[Path]:
    """Return the files in a folder and the folders below it, in the order of their names, without hidden ones."""
    return [path for path in _below(folder) if path.is_file()]


def digest_of_folder(digests: Mapping[str, str]) -> str:
    """Return the sha256 of the names of a folder's files, relative to it, with the sha256 of each: ``digests``."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def _below(path: Path) -> Iterator[Path]:
    """Iterate over all that a folder holds at any depth except what is hidden; a file holds nothing."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            if not entry.name.startswith("."):
                yield entry
                yield from _below(entry)


def _digest(path: Path) -> str:
    if path.is_dir():
        return digest_of_folder({str(file.relative_to(path)): _digest(file) for file in files_of(path)})
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
