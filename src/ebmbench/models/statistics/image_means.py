"""Mean intensity of each channel."""

from __future__ import annotations

from dataclasses import dataclass

from ebmbench.models.statistics.functions import Identity
from ebmbench.models.statistics.interface import Fixed
from ebmbench.models.statistics.pixel_averages import PixelAverages

__all__ = ["ImageMeans"]


@dataclass(frozen=True)
class ImageMeans(Identity, PixelAverages, Fixed):
    """T(x) = mean over pixels of x_p, for each channel."""

    labels = ("mean",)
