"""File cache that persists between runs: the folder ``EBMBENCH_CACHE``, or the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

from ebmbench.core import files

FOLDER = "EBMBENCH_CACHE"


def get(name: str) -> bytes | None:
    """Return the bytes cached under ``name``, or None if there are none or they cannot be read."""
    try:
        return _path(name).read_bytes()
    except OSError:
        return None


def put(name: str, content: bytes) -> None:
    """Cache ``content`` under ``name``; do nothing if the folder is not writable."""
    try:
        with files.replacing(_path(name)) as temporary:
            temporary.write_bytes(content)
    except OSError:
        return


def _path(name: str) -> Path:
    import pooch

    return Path(os.environ.get(FOLDER) or pooch.os_cache("ebmbench")) / name
