"""What an extractor of features is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.data.images import Published


class Weights(NamedTuple):
    """A network's ``tensors`` by name, and what a reader must know of them: where from, how good."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, object]


class UnavailableWeightsError(Exception):
    """Why there are no weights, in one line that names the file."""


class Extractor(Protocol):
    """A plug-in of ``extractors``: a frozen dataclass of settings."""

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Trained on ``images``, or fetched; raises :class:`UnavailableWeightsError`."""
        ...

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor) -> Tensor:
        """``(N, F)`` float32 of ``pixels: (N, C, side, side)`` uint8, with levels 0 to 255."""
        ...


def digest(tensors: Mapping[str, Tensor]) -> str:
    """sha256 of names and bytes, in the order of the names."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode() + b"\0" + tensors[name].contiguous().cpu().numpy().tobytes())
    return found.hexdigest()
