"""Shape of the images that flat vectors hold."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor

from ebmbench.core.errors import UserError


class Shape(NamedTuple):
    """Image shape of C channels of ``side`` x ``side`` pixels; flat vectors are in this order, channel by channel."""

    channels: int
    side: int

    def images(self, x: Tensor) -> Tensor:
        """Reshape vectors ``(B, D)`` to images ``(B, C, side, side)``."""
        return x.reshape(len(x), self.channels, self.side, self.side)


def shape_of(dim: int) -> Shape:
    """Return the shape of square images of ``dim`` numbers, with one channel or three.

    D determines which, because 3 s^2 is never a square. Raises :class:`UserError` if D fits neither.
    """
    for channels in (1, 3):
        side = math.isqrt(dim // channels)
        if channels * side**2 == dim and side > 2:
            return Shape(channels, side)
    raise UserError(
        f"images must be square, with 3 x 3 pixels or more and one or three channels; these have {dim} numbers each"
    )
