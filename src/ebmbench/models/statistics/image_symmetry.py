"""The mean squared difference between an image and its mirror image."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Fixed

__all__ = ["ImageSymmetry"]


@dataclass(frozen=True)
class ImageSymmetry(Fixed):
    """T(x) = mean over pixels and channels of (x - x mirrored left to right)^2."""

    def size(self, dim: int) -> int:
        """Return K = 1."""
        return 1

    def names(self, dim: int) -> list[str]:
        """Return ``asymmetry``."""
        return ["asymmetry"]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, 1)``."""
        images = shape_of(x.shape[1]).images(x)
        return (images - images.flip(3)).square().mean((1, 2, 3))[:, None]

    def laplacian(self, x: Tensor) -> Tensor:
        """Return 4 x the fraction of pixels that the mirror moves, everywhere."""
        return x.new_full((len(x), 1), _laplacian(x.shape[1]))

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean + 2 sigma^2 x the fraction of pixels that the mirror moves."""
        return mean + 0.5 * sigma**2 * _laplacian(dim)


def _laplacian(dim: int) -> float:
    side = shape_of(dim).side
    return 4 * (side - side % 2) / side
