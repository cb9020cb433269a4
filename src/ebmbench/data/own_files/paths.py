"""Paths of a user's files: which settings name them, and what is at a path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from ebmbench.core import local_files
from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalContent

#: the beginning of an address, as a path has it
_ADDRESS = re.compile(r"[a-z][a-z0-9+]+:/")


def check_paths(path: str | None, splits: Mapping[str, str | None], needed: Sequence[str], words: str) -> None:
    """Raise ``ValueError`` unless the settings name one file, ``path``, or in its place those of given ``splits``.

    ``splits``: setting -> path; ``needed``: those of its settings that must be there; ``words`` names the settings.
    """
    given = {name: of for name, of in {"path": path, **splits}.items() if of is not None}
    for name, of in given.items():
        if not of.strip() or "\0" in of:
            raise ValueError(f"{name} = {of!r} names no file; allowed: the name of a file or folder")
    others = [name for name in given if name != "path"]
    missing = [name for name in needed if name not in given]
    if path is not None and others:
        raise ValueError(f"path and {others[0]} are both there; allowed: path, or {words}")
    if path is None and missing:
        lacking = f"{missing[0]} is missing beside {others[0]}" if others else "path is missing"
        raise ValueError(f"{lacking}; allowed: path, or {words}")


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
        raise UserError(f"{error.filename or path}: {error.strerror}{where}{_hint(path)}") from error


def _hint(path: Path) -> str:
    """Return what may have been meant by a path at which there is no file that can be read, or nothing."""
    if _ADDRESS.match(str(path)):
        return "; no address is fetched: download the file and give its path"
    if path.parts[:1] == ("~",):
        return f"; write {Path.home()} for ~"
    others = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    close = [] if path.exists() else get_close_matches(path.name, others, n=1, cutoff=0.8)
    return f"; did you mean {path.parent / close[0]}?" if close else ""
