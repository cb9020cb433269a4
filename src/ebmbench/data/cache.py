"""The folder in which files are kept between runs: ``EBMBENCH_CACHE``, or the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

from ebmbench.core import files

FOLDER = "EBMBENCH_CACHE"


def get(name: str) -> bytes | None:
    """The bytes kept under ``name``, None where there are none that can be read."""
    try:
        return _path(name).read_bytes()
    except OSError:
        return None


def put(name: str, content: bytes) -> None:
    """Keep ``content`` under ``name``; a folder that cannot be written is done without."""
    try:
        with files.replacing(_path(name)) as temporary:
            temporary.write_bytes(content)
    except OSError:
        return


def _path(name: str) -> Path:
    import pooch

    return Path(os.environ.get(FOLDER) or pooch.os_cache("ebmbench")) / name
