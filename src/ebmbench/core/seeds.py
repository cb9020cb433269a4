"""Random streams, each hashed from the axes that it belongs to.

Two methods on the same data set and seed draw the same splits and the same batches, so that their
results can be compared in pairs; no stream depends on how many others there are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def hashed(*axes: str | int) -> int:
    """A 63-bit integer from the axes, e.g. ``hashed("moons", "split", 3)``; stable across machines."""
    text = "\x1f".join(str(axis) for axis in axes)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*axes: str | int, device: str = "cpu") -> torch.Generator:
    """A ``torch.Generator`` on ``device``, seeded by :func:`hashed` of the axes."""
    import torch

    return torch.Generator(device=device).manual_seed(hashed(*axes))
