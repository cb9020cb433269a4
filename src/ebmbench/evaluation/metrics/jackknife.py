"""Delete-a-block jackknife errors of distances between two sets of rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

BLOCKS = 10

#: fewest rows of a side: each block has two
LEAST = 2 * BLOCKS


class Jackknifed(NamedTuple):
    """A distance as it is, and without the part of its bias that is proportional to 1 / n, with one error."""

    plain: Estimate
    corrected: Estimate


def jackknife(distance: Callable[[Tensor, Tensor], float], x: Tensor, y: Tensor) -> Estimate:
    """Compute ``distance(x, y)`` of n and m rows, with a delete-a-block jackknife error (Quenouille 1956).

    Both sides are cut into 10 blocks in the given order, which must be random; leaving out block b of both gives d_b,
    and stderr^2 = 9/10 sum_b (d_b - mean d_b)^2. NaN with fewer than 20 rows per side.
    """
    return jackknifed(distance, x, y).plain


def jackknifed(distance: Callable[[Tensor, Tensor], float], x: Tensor, y: Tensor) -> Jackknifed:
    """Compute a distance as :func:`jackknife` does, and 10 d - 9 mean d_b, which extrapolates it to infinite n and m.

    Leaving out a tenth of both sides raises a bias a / n + b / m by a ninth, so that 9 (mean d_b - d) estimates it.
    """
    if min(len(x), len(y)) < LEAST:
        nothing = Estimate(math.nan, math.nan, len(x))
        return Jackknifed(nothing, nothing)
    parts = [distance(_without(x, block), _without(y, block)) for block in range(BLOCKS)]
    value, error = distance(x, y), math.sqrt(jackknife_variance(parts))
    corrected = BLOCKS * value - (BLOCKS - 1) * sum(parts) / BLOCKS
    return Jackknifed(Estimate(value, error, len(x)), Estimate(corrected, error, len(x)))


def jackknife_variance(parts: list[float]) -> float:
    """Return 9/10 sum_b (d_b - mean d_b)^2, d_b the value without block b."""
    return (BLOCKS - 1) * float(torch.tensor(parts, dtype=torch.float64).var(correction=0))


def block(number: int, n: int) -> tuple[int, int]:
    """Return the start and the end of one of ten blocks of n rows."""
    return number * n // BLOCKS, (number + 1) * n // BLOCKS


def _without(rows: Tensor, number: int) -> Tensor:
    start, end = block(number, len(rows))
    return torch.cat([rows[:start], rows[end:]])
