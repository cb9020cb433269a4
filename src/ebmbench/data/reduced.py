"""Reduced copies of large files, which are made once, cached and verified by their own sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from ebmbench.data import cache, sources


class Reduced(NamedTuple):
    """A reduced copy: its name in the cache, its sha256, the large ``file``, and ``make``, which reduces its bytes."""

    name: str
    sha256: str
    file: sources.DataFile
    make: Callable[[bytes], bytes]


def read_reduced(copy: Reduced, dataset: str) -> bytes:
    """Return the copy's bytes; only if they are not in the cache, make them from the large file, which is not kept.

    Raises :class:`UserError` as :func:`ebmbench.data.sources.read_source` does.
    """
    kept = cache.get(copy.name)
    if kept is not None and kept.file.sha256 == copy.sha256:
        return kept.content
    made = sources.read_source(copy.file, dataset, lambda content: _made(copy, content), keep=False).value
    cache.put(copy.name, made)
    return made


def _made(copy: Reduced, content: bytes) -> bytes:
    made = copy.make(content)
    if _sha256(made) != copy.sha256:
        raise ValueError(f"gives {copy.name} with the wrong sha256 {_sha256(made)}")
    return made


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
