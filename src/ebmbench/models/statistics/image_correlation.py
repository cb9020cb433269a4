"""Two-point correlation of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Fixed

__all__ = ["ImageCorrelation"]

#: distance of the two points in rows and columns
LAGS = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 4), (4, 0))


@dataclass(frozen=True)
class ImageCorrelation(Fixed):
    """T_r(x) = mean over pixels p of x_p x_{p+r}, images continued periodically, mean over channels.

    Lags r are (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 4) and (4, 0), those shorter than the side.
    """

    def size(self, dim: int) -> int:
        """Return the number of lags."""
        return len(_lags(dim))

    def names(self, dim: int) -> list[str]:
        """Return the names ``lag(rows,columns)``."""
        return [f"lag({down},{across})" for down, across in _lags(dim)]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, lags)``."""
        images = shape_of(x.shape[1]).images(x)
        shifted = [images.roll(lag, dims=(2, 3)) for lag in _lags(x.shape[1])]
        return torch.stack([(images * other).mean((1, 2, 3)) for other in shifted], 1)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return 0."""
        return x.new_zeros(len(x), len(_lags(x.shape[1])))

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean unchanged."""
        return mean


def _lags(dim: int) -> list[tuple[int, int]]:
    side = shape_of(dim).side
    return [lag for lag in LAGS if max(lag) < side]
