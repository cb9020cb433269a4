"""How far an image is from its mirror image."""

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
        """1."""
        return 1

    def names(self, dim: int) -> list[str]:
        """``asymmetry``."""
        return ["asymmetry"]

    def value(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, 1)``."""
        images = shape_of(x.shape[1]).images(x)
        return (images - images.flip(3)).square().mean((1, 2, 3))[:, None]

    def laplacian(self, x: Tensor) -> Tensor:
        """4 x the share of pixels that the mirror moves, everywhere."""
        return x.new_full((len(x), 1), _laplacian(x.shape[1]))

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """+ 2 sigma^2 x the share of pixels that the mirror moves."""
        return mean + 0.5 * sigma**2 * _laplacian(dim)


def _laplacian(dim: int) -> float:
    side = shape_of(dim).side
    return 4 * (side - side % 2) / side
