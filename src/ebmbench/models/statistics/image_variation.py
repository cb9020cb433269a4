"""Smoothed total variation of an image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Fixed

__all__ = ["ImageVariation"]


@dataclass(frozen=True)
class ImageVariation(Fixed):
    """T(x) = 1/D sum over neighbours p, q of sqrt((x_p - x_q)^2 + eps^2); hard: 1/D sum of |x_p - x_q|.

    Neighbours share an edge (anisotropic); the smoothing is Charbonnier's.
    """

    eps: PositiveFloat = 0.05

    def __post_init__(self) -> None:
        check_ranges(self)

    def size(self, dim: int) -> int:
        """Return K = 1."""
        return 1

    def names(self, dim: int) -> list[str]:
        """Return ``variation``."""
        return ["variation"]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, 1)``."""
        return (self._differences(x).square() + self.eps**2).sqrt().sum(1, keepdim=True) / x.shape[1]

    def laplacian(self, x: Tensor) -> Tensor:
        """Return 2/D sum eps^2 / rho^3, rho the root."""
        roots = (self._differences(x).square() + self.eps**2).sqrt()
        return 2 * (self.eps**2 / roots**3).sum(1, keepdim=True) / x.shape[1]

    def hard(self, x: Tensor) -> Tensor:
        """Return the unsmoothed T(x), ``(B, D)`` -> ``(B, 1)``."""
        return self._differences(x).abs().sum(1, keepdim=True) / x.shape[1]

    def _differences(self, x: Tensor) -> Tensor:
        """Return the differences of neighbours, ``(B, number of neighbours)``."""
        images = shape_of(x.shape[1]).images(x)
        return torch.cat([images.diff(dim=2).flatten(1), images.diff(dim=3).flatten(1)], 1)
