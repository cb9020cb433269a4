"""Mean intensity."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.statistics.base import Fixed
from ebmbench.statistics.functions import Identity
from ebmbench.statistics.images import PixelAverages

__all__ = ["ImageMeans"]


@dataclass(frozen=True)
class ImageMeans(Identity, PixelAverages, Fixed):
    """T(x) = mean over pixels of x_p, for each channel."""

    labels = ("mean",)
