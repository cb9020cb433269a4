"""A soft histogram of pixel intensities."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, check_ranges
from ebmbench.models.statistics.interface import Fixed
from ebmbench.models.statistics.pixel_averages import PixelAverages
from ebmbench.models.statistics.smooth_step import bend, between, slope, step

__all__ = ["ImageHistogram"]


@dataclass(frozen=True)
class ImageHistogram(PixelAverages, Fixed):
    """T_k(x) = mean over pixels of soft indicators of ``bins`` bins of [0, 1], without the last, for each channel.

    The bins' inner edges are smoothed by a quadratic B-spline with knots ``softness`` widths apart (at 1 inner bins are
    cubic B-splines); the outer bins reach to infinity. Hard: indicators.
    """

    bins: AtLeastTwo = 8
    softness: PositiveFloat = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def labels(self) -> tuple[str, ...]:
        """One label per bin."""
        return tuple(f"bin{k}" for k in range(self.bins - 1))

    def functions(self, x: Tensor) -> Tensor:
        """Return the soft indicators: differences of S between edges."""
        return between(1 - step(self._from_edges(x)))

    def slopes(self, x: Tensor) -> Tensor:
        """Return their first derivatives: differences of S' between edges."""
        return between(-slope(self._from_edges(x))) / self._tau

    def bends(self, x: Tensor) -> Tensor:
        """Return their second derivatives: differences of S'' between edges."""
        return between(-bend(self._from_edges(x))) / self._tau**2

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return 1 in the bin, else 0."""
        return between((self._from_edges(x) < 0).to(x))

    @property
    def _tau(self) -> float:
        return self.softness / self.bins

    def _from_edges(self, x: Tensor) -> Tensor:
        edges = torch.arange(1, self.bins, dtype=x.dtype, device=x.device) / self.bins
        return (x[..., None] - edges) / self._tau
