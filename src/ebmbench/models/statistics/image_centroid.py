"""The centroid of an image's intensity."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["ImageCentroid"]


class Centroid(nn.Module, Statistic):
    """T(x) = (sum_p r_p x_p, sum_p c_p x_p) / phi(sum_p x_p): row r and column c of a pixel, from -1/2 to 1/2.

    phi(s) = (s + sqrt(s^2 + 4 e^2)) / 2 is s where s is well above e, and positive everywhere: images of a model may
    have an intensity sum of zero or below. Channels are summed.
    """

    least: Tensor

    def __init__(self, least: Tensor) -> None:
        """``least: ()`` = e."""
        super().__init__()
        self.register_buffer("least", least)

    def size(self, dim: int) -> int:
        """Return K = 2."""
        return 2

    def names(self, dim: int) -> list[str]:
        """Return ``row`` and ``column``."""
        return ["row", "column"]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, 2)``."""
        places = self._places(x)
        return x @ places / self._ink(x)[0]

    def laplacian(self, x: Tensor) -> Tensor:
        """Return -2 R phi' / phi^2 - D N (phi'' / phi^2 - 2 phi'^2 / phi^3), N the numerator, R the sum of places."""
        places = self._places(x)
        ink, slope, bend = self._ink(x)
        moved = x @ places * (bend / ink**2 - 2 * slope**2 / ink**3)
        return -2 * places.sum(0) * slope / ink**2 - x.shape[1] * moved

    def _places(self, x: Tensor) -> Tensor:
        """Return row and column of each pixel, ``(D, 2)``."""
        shape = shape_of(x.shape[1])
        along = (torch.arange(shape.side, dtype=x.dtype, device=x.device) + 0.5) / shape.side - 0.5
        both = torch.stack(torch.meshgrid(along, along, indexing="ij"), -1).flatten(0, 1)
        return both.repeat(shape.channels, 1)

    def _ink(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return phi, phi', phi'' at the sum, ``(B, 1)`` each."""
        total, least = x.sum(1, keepdim=True), self.least.to(x)
        root = (total.square() + 4 * least.square()).sqrt()
        # the two forms of phi are equal; each is numerically exact on its side of 0
        ink = torch.where(total > 0, 0.5 * (total + root), 2 * least.square() / (root - total))
        return ink, ink / root, 2 * least.square() / root**3


@dataclass(frozen=True)
class ImageCentroid(Definition):
    """The centroid (row and column) of an image's intensity, K = 2; e is ``least`` times the data's mean sum of |x_p|.

    The mean is over the training data.
    """

    least: PositiveFloat = 0.01

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> Centroid:
        """Return the statistics with e from the training data's mean sum."""
        return Centroid(self.least * train.double().abs().sum(1).mean())
