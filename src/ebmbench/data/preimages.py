"""Preimages of the pinwheel map: all f = r (cos a, sin a) that a clockwise rotation by exp(f_1) / 4 maps to a point.

The point has radius r and angle b, and the rotation is up to whole steps: f solves h(a) = a - exp(r cos a) / 4 =
b + k step for some integer k. The circle is divided where h' = 1 + r sin a exp(r cos a) / 4 changes sign: h is
monotone on each piece, so it takes each level b + k step between the piece's ends once, and bisection finds it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

RATE = 0.25
#: halvings that reduce an interval of length < 2 pi to the spacing of float64
HALVINGS = 55


class Preimages(NamedTuple):
    """Preimages ``f1: (P,)``, ``f2: (P,)`` and the index of the point that each maps to, ``row: (P,)``."""

    f1: Tensor
    f2: Tensor
    row: Tensor


def twist(f1: Tensor) -> Tensor:
    """Return the rotation angle exp(f_1) / 4, which is its own derivative."""
    return RATE * f1.exp()


def of(radius: Tensor, angle: Tensor, step: float) -> Preimages:
    """Find all preimages of the points with ``radius: (B,)`` and ``angle: (B,)``.

    h changes by 2 pi over a full circle, so with step = 2 pi / n every point has at least n preimages.
    """
    low, high = _turning_points(radius)
    ends = torch.stack([torch.full_like(radius, -math.pi), low, high, torch.full_like(radius, math.pi)], dim=-1)
    level = (_turned(ends, radius[:, None]) - angle[:, None]) / step
    first = torch.minimum(level[:, :-1], level[:, 1:]).ceil().flatten()
    last = torch.maximum(level[:, :-1], level[:, 1:]).floor().flatten()
    count = (last - first + 1).clamp_min(0).long()
    piece = torch.arange(len(count)).repeat_interleave(count)
    row, part = piece // 3, piece % 3
    rank = torch.arange(len(piece)) - (count.cumsum(0) - count)[piece]
    target = angle[row] + step * (first[piece] + rank)
    a = _bisect(target, radius[row], ends[row, part], ends[row, part + 1], rising=part != 1)
    return Preimages(radius[row] * a.cos(), radius[row] * a.sin(), row)


def _turned(a: Tensor, radius: Tensor) -> Tensor:
    return a - twist(radius * a.cos())


def _slope(a: Tensor, radius: Tensor) -> Tensor:
    return 1 + radius * a.sin() * twist(radius * a.cos())


def _turning_points(radius: Tensor) -> tuple[Tensor, Tensor]:
    """Find the two angles in (-pi, 0) where h' = 0; if h' stays positive, both are the minimum of h'.

    h' falls from 1 at -pi to its only minimum, where cos a = r sin² a, and rises to 1 at 0.
    """
    # the root of r c² + c - r = 0 in [0, 1), in the form that avoids cancellation for small r
    cosine = 2 * radius / (1 + (1 + 4 * radius**2).sqrt())
    lowest = -torch.arccos(cosine)
    folds = _slope(lowest, radius) < 0
    left = [torch.full_like(radius, -math.pi), lowest]
    right = [lowest, torch.zeros_like(radius)]
    for _ in range(HALVINGS):
        for side, falling in ((left, True), (right, False)):
            middle = (side[0] + side[1]) / 2
            keep_upper = (_slope(middle, radius) > 0) == falling
            side[0] = torch.where(keep_upper, middle, side[0])
            side[1] = torch.where(keep_upper, side[1], middle)
    return torch.where(folds, left[0], lowest), torch.where(folds, right[1], lowest)


def _bisect(target: Tensor, radius: Tensor, low: Tensor, high: Tensor, rising: Tensor) -> Tensor:
    """Solve h(a) = target for a in [low, high], where h is monotone."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        beyond = (_turned(middle, radius) > target) == rising
        low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
    return (low + high) / 2
