"""The shape of an image that a row of numbers holds."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor

from ebmbench.core.errors import UserError


class Shape(NamedTuple):
    """C channels of ``side`` x ``side`` pixels, a row's numbers in that order."""

    channels: int
    side: int

    def images(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, C, side, side)``."""
        return x.reshape(len(x), self.channels, self.side, self.side)


def shape_of(dim: int) -> Shape:
    """Of square images with one channel or three: D tells which, for 3 s^2 is never a square.

    Raises :class:`UserError` for rows that are neither.
    """
    for channels in (1, 3):
        side = math.isqrt(dim // channels)
        if channels * side**2 == dim and side > 2:
            return Shape(channels, side)
    raise UserError(f"images must be square, of 3 x 3 pixels or more, in one channel or three; rows have {dim} numbers")
