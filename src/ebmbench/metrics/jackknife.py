"""Errors of distances between two sets of rows, by leaving blocks of both out."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ebmbench.metrics.base import Estimate

BLOCKS = 10


def jackknife(distance: Callable[[Tensor, Tensor], float], x: Tensor, y: Tensor) -> Estimate:
    """``distance(x, y)`` of ``x: (n, D)`` and ``y: (m, D)``, with a delete-a-block jackknife error (Quenouille 1956).

    Both sides are cut into 10 blocks in the given order, which must be random; leaving out block b of both gives d_b,
    and stderr^2 = 9/10 sum_b (d_b - mean d_b)^2. NaN with fewer than 20 rows a side.
    """
    if min(len(x), len(y)) < 2 * BLOCKS:
        return Estimate(math.nan, math.nan, len(x))
    parts = [distance(_without(x, block), _without(y, block)) for block in range(BLOCKS)]
    left_out = torch.tensor(parts, dtype=torch.float64)
    stderr = math.sqrt((BLOCKS - 1) * float(left_out.var(correction=0)))
    return Estimate(distance(x, y), stderr, len(x))


def _without(rows: Tensor, block: int) -> Tensor:
    start, end = block * len(rows) // BLOCKS, (block + 1) * len(rows) // BLOCKS
    return torch.cat([rows[:start], rows[end:]])
