"""Mean squared intensity of each channel."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.models.statistics.interface import Fixed
from ebmbench.models.statistics.pixel_averages import PixelAverages

__all__ = ["ImageSquares"]


@dataclass(frozen=True)
class ImageSquares(PixelAverages, Fixed):
    """T(x) = mean over pixels of x_p^2, for each channel."""

    labels = ("square",)

    def functions(self, x: Tensor) -> Tensor:
        """Return x_p^2."""
        return x.square()[..., None]

    def slopes(self, x: Tensor) -> Tensor:
        """Return 2 x_p."""
        return 2 * x[..., None]

    def bends(self, x: Tensor) -> Tensor:
        """Return 2."""
        return torch.full_like(x, 2.0)[..., None]

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean + sigma^2."""
        return mean + sigma**2
