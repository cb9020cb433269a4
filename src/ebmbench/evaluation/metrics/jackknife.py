"""Delete-a-block jackknife errors of distances between two sets of rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

BLOCKS = 10


class LeaveOutRows(Protocol):
    """n rows, some of which can be left out."""

    def __len__(self) -> int: ...

    def without(self, start: int, end: int) -> Self:
        """Return all rows except those from ``start`` to before ``end``."""
        ...


@dataclass(frozen=True)
class Plain:
    """Rows of a tensor ``(n, D)``."""

    tensor: Tensor

    def __len__(self) -> int:
        return len(self.tensor)

    def without(self, start: int, end: int) -> Plain:
        """Return the other rows."""
        return Plain(torch.cat([self.tensor[:start], self.tensor[end:]]))


R = TypeVar("R", bound=LeaveOutRows)


def jackknife(distance: Callable[[R, R], float], x: R, y: R) -> Estimate:
    """Compute ``distance(x, y)`` of n and m rows, with a delete-a-block jackknife error (Quenouille 1956).

    Both sides are cut into 10 blocks in the given order, which must be random; leaving out block b of both gives d_b,
    and stderr^2 = 9/10 sum_b (d_b - mean d_b)^2. NaN with fewer than 20 rows per side.
    """
    if min(len(x), len(y)) < 2 * BLOCKS:
        return Estimate(math.nan, math.nan, len(x))
    parts = [distance(_without(x, block), _without(y, block)) for block in range(BLOCKS)]
    left_out = torch.tensor(parts, dtype=torch.float64)
    stderr = math.sqrt((BLOCKS - 1) * float(left_out.var(correction=0)))
    return Estimate(distance(x, y), stderr, len(x))


def _without(rows: R, block: int) -> R:
    return rows.without(block * len(rows) // BLOCKS, (block + 1) * len(rows) // BLOCKS)
