"""Affine maps between a data set's own units and the coordinates in which models see it."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from torch import Tensor


class Coordinates(Protocol):
    """An invertible affine map from a data set's own units x to the coordinates z of models."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return z for ``x: (B, D)``, ``(B, D)``."""
        ...

    def inverse(self, z: Tensor) -> Tensor:
        """Return x for ``z: (B, D)``, ``(B, D)``."""
        ...

    def gradient(self, of_z: Tensor) -> Tensor:
        """Return gradients with respect to x, (dz/dx)^T g, for gradients g with respect to z: ``(B, D)``."""
        ...

    @property
    def log_det(self) -> float:
        """log |det dz/dx|, so that log p(x) = log p(z) + log_det."""
        ...


class Scaling(NamedTuple):
    """The map z = (x - shift) / scale with the same ``shift`` and ``scale`` in all of ``dim`` coordinates."""

    dim: int
    shift: float = 0.0
    scale: float = 1.0

    def __call__(self, x: Tensor) -> Tensor:
        """Return (x - shift) / scale."""
        return (x - self.shift) / self.scale

    def inverse(self, z: Tensor) -> Tensor:
        """Return scale z + shift."""
        return self.scale * z + self.shift

    def gradient(self, of_z: Tensor) -> Tensor:
        """Return g / scale."""
        return of_z / self.scale

    @property
    def log_det(self) -> float:
        """Log-determinant -D log scale."""
        return -self.dim * math.log(self.scale)
