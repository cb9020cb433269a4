"""Random seeds hashed from names, such as the axes of a cell.

Two methods on the same data set and seed get the same splits and the same batches, so their results
can be compared in pairs. No stream depends on the number of other streams.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def hashed(*axes: str | int) -> int:
    """Hash the axes to a 63-bit integer, e.g. ``hashed("moons", "split", 3)``; stable across machines."""
    text = "\x1f".join(str(axis) for axis in axes)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*axes: str | int, device: str = "cpu") -> torch.Generator:
    """Return a ``torch.Generator`` on ``device``, seeded by :func:`hashed` of the axes."""
    import torch

    return torch.Generator(device=device).manual_seed(hashed(*axes))
