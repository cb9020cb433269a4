"""Interface of feature extractors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ebmbench.core.device import CPU
from ebmbench.data.images import Published


class Weights(NamedTuple):
    """A network's ``tensors`` by name, and ``facts`` about them: their source, their accuracy."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, object]


class UnavailableWeightsError(Exception):
    """Weights are not available; the message gives the reason in one line that names the file."""


class Extractor(Protocol):
    """A plug-in of ``extractors``: a frozen dataclass of settings."""

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Train weights on ``images`` or fetch them; raises :class:`UnavailableWeightsError`."""
        ...

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor, device: torch.device = CPU) -> Tensor:
        """Return ``(N, F)`` float32 features of ``pixels: (N, C, side, side)`` uint8, with levels 0 to 255.

        They are computed on ``device``; tensors, pixels and features are on the CPU.
        """
        ...


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Return the sha256 of names and bytes of the tensors, in the order of the names."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode() + b"\0" + tensors[name].contiguous().cpu().numpy().tobytes())
    return found.hexdigest()
