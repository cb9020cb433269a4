"""Total variation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Fixed

__all__ = ["ImageVariation"]


@dataclass(frozen=True)
class ImageVariation(Fixed):
    """T(x) = sum over neighbours p, q of sqrt((x_p - x_q)^2 + eps^2), over D; hard: of |x_p - x_q|.

    Neighbours share an edge (anisotropic); the smoothing is Charbonnier's.
    """

    eps: float = 0.05

    def __post_init__(self) -> None:
        if self.eps <= 0:
            raise ValueError("eps must be above 0")

    def size(self, dim: int) -> int:
        """1."""
        return 1

    def names(self, dim: int) -> list[str]:
        """``variation``."""
        return ["variation"]

    def value(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, 1)``."""
        return (self._differences(x).square() + self.eps**2).sqrt().sum(1, keepdim=True) / x.shape[1]

    def laplacian(self, x: Tensor) -> Tensor:
        """2 sum eps^2 / rho^3 over D, rho the root."""
        roots = (self._differences(x).square() + self.eps**2).sqrt()
        return 2 * (self.eps**2 / roots**3).sum(1, keepdim=True) / x.shape[1]

    def hard(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, 1)``."""
        return self._differences(x).abs().sum(1, keepdim=True) / x.shape[1]

    def _differences(self, x: Tensor) -> Tensor:
        """``(B, number of neighbours)``."""
        images = shape_of(x.shape[1]).images(x)
        return torch.cat([images.diff(dim=2).flatten(1), images.diff(dim=3).flatten(1)], 1)
