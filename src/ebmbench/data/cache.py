"""File cache that persists between runs: the folder ``EBMBENCH_CACHE``, or the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

from ebmbench.core import files, local_files
from ebmbench.core.local_files import LocalContent, LocalFile

FOLDER = "EBMBENCH_CACHE"


def get(name: str) -> LocalContent | None:
    """Return the bytes cached under ``name`` with their file, or None if there are none or they cannot be read."""
    try:
        return local_files.read(_path(name))
    except OSError:
        return None


def put(name: str, content: bytes) -> LocalFile | None:
    """Cache ``content`` under ``name`` and return the file; return None if the folder is not writable."""
    path = _path(name)
    try:
        with files.replacing(path) as temporary:
            temporary.write_bytes(content)
        return local_files.record(path, content, path.stat())
    except OSError:
        return None


def _path(name: str) -> Path:
    import pooch

    return Path(os.environ.get(FOLDER) or pooch.os_cache("ebmbench")) / name
