"""Paths of a user's files: which settings name them, and what is at a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ebmbench.core import local_files
from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalContent


def check_paths(path: str | None, given: Sequence[str | None], needed: Sequence[str | None], words: str) -> None:
    """Raise ``ValueError`` unless the settings name one file, ``path``, or in its place those of ``given`` splits.

    ``needed``: those of ``given`` that must be there; ``words`` names the settings.
    """
    for name in (path, *given):
        if name is not None and (not name.strip() or "\0" in name):
            raise ValueError(f"the path {name!r} names no file; allowed: the name of a file or folder")
    if (path is None) != all(needed) or (path and any(given)):
        raise ValueError(f"path is missing, or not the only one; allowed: path, or {words}")


def read_file(path: Path) -> LocalContent:
    """Read a user's file; raise :class:`UserError` with one line that says where it was looked for."""
    # a pipe would be waited for
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UserError(f"{path}: not a regular file; allowed: a file on disk")
    with unreadable(path):
        return local_files.read(path)


@contextmanager
def unreadable(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` into a :class:`UserError` that names the file and the folder that ``path`` is relative to."""
    try:
        yield
    except OSError as error:
        where = "" if path.is_absolute() else f"; paths are relative to the working folder, {Path.cwd()}"
        raise UserError(f"{error.filename or path}: {error.strerror}{where}") from error
