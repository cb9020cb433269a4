"""The inked fraction of an image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.models.statistics.interface import Fixed
from ebmbench.models.statistics.pixel_averages import PixelAverages

__all__ = ["ImageInk"]


@dataclass(frozen=True)
class ImageInk(PixelAverages, Fixed):
    """T(x) = mean over pixels of sg((x_p - threshold) / tau), sg logistic; hard: the fraction above the threshold."""

    threshold: float = 0.5
    tau: PositiveFloat = 0.1

    labels = ("ink",)

    def __post_init__(self) -> None:
        check_ranges(self)

    def functions(self, x: Tensor) -> Tensor:
        """Return sg(u)."""
        return torch.sigmoid((x - self.threshold) / self.tau)[..., None]

    def slopes(self, x: Tensor) -> Tensor:
        """Return sg'(u) / tau."""
        p = self.functions(x)
        return p * (1 - p) / self.tau

    def bends(self, x: Tensor) -> Tensor:
        """Return sg''(u) / tau^2."""
        p = self.functions(x)
        return p * (1 - p) * (1 - 2 * p) / self.tau**2

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return 1 above the threshold, else 0."""
        return (x > self.threshold).to(x)[..., None]
