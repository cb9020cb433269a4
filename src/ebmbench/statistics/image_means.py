"""Mean intensity."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.statistics.base import Fixed
from ebmbench.statistics.images import PixelAverages

__all__ = ["ImageMeans"]


@dataclass(frozen=True)
class ImageMeans(PixelAverages, Fixed):
    """T(x) = mean over pixels of x_p, for each channel."""

    labels = ("mean",)

    def functions(self, x: Tensor) -> Tensor:
        """x_p."""
        return x[..., None]

    def slopes(self, x: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(x)[..., None]

    def bends(self, x: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(x)[..., None]

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """The same."""
        return mean
