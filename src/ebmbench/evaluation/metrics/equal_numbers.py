"""Distances between equal effective numbers of samples, so that their bias is the same whatever is compared.

The distance between two sets of points depends on how many points there are. Averaged over random subsets of a fixed
size it estimates the distance of two sets of that size, E d(X_1..m, Y_1..m), without bias (an incomplete U-statistic,
Blom 1976), and uses all samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.jackknife import BLOCKS, block, jackknife_variance

#: number of subsets, and the largest number of columns in all of them together, beyond which there are fewer
SUBSETS, COLUMNS = 10, 500

#: ``(B, m, K)`` and ``(B, m', K)`` -> the mean distance over the B pairs of subsets
Distance = Callable[[Tensor, Tensor], float]


def correlation(n: int, n_eff: float) -> float:
    """Return rho = (n / n_eff - 1) / (n - 1), the correlation of two of n samples with effective size n_eff.

    The samples are in random order; the mean of all n then has the variance (1 + (n - 1) rho) / n = 1 / n_eff.
    ``n_eff`` above n counts as n.
    """
    return max(0.0, n / n_eff - 1) / (n - 1)


def draws_worth(size: int, n: int, n_eff: float) -> int:
    """Return how many of ``n`` dependent samples with effective size ``n_eff`` are worth ``size`` independent ones.

    The mean of m of them has the variance (1 + (m - 1) rho) / m, so m = (1 - rho) / (1 / size - rho), with rho by
    :func:`correlation`. All n if they are worth no more than ``size``.
    """
    rho = correlation(n, n_eff)
    return min(n, round((1 - rho) / (1 / size - rho))) if size * rho < 1 else n


def indices_worth(size: int, n: int, n_eff: float, generator: torch.Generator) -> Tensor:
    """Return as many of the indices of ``n`` samples, in random order, as :func:`draws_worth` says."""
    return torch.randperm(n, generator=generator, device=generator.device)[: draws_worth(size, n, n_eff)]


class ComparedRows(NamedTuple):
    """One side of a distance: ``rows: (n, K)`` in random order, worth ``n_eff`` independent ones."""

    rows: Tensor
    n_eff: float

    @classmethod
    def of(cls, rows: Tensor, n_eff: float, generator: torch.Generator) -> ComparedRows:
        """Shuffle ``rows: (n, K)``; ``n_eff`` above n counts as n."""
        n = len(rows)
        return cls(rows[torch.randperm(n, generator=generator)].double(), min(n_eff, n))

    def used(self, size: int) -> Tensor:
        """Return the rows in subsets worth ``size`` independent rows each: as many as they hold, or all."""
        return self.rows[: self._count() * draws_worth(size, len(self.rows), self.n_eff)]

    def subsets(self, size: int, left_out: int | None = None) -> Tensor:
        """Return B subsets worth ``size`` independent rows each, ``(B, m, K)``, without one of ten blocks of rows.

        They are runs of m rows at equal steps around the circle of :meth:`used`: every row is used equally often, as
        jackknife errors need.
        """
        rows, m = self.used(size), draws_worth(size, len(self.rows), self.n_eff)
        if left_out is not None:
            start, end = block(left_out, len(rows))
            rows = torch.cat([rows[:start], rows[end:]])
        starts = torch.arange(self._count()) * len(rows) // self._count()
        return rows[(starts[:, None] + torch.arange(min(m, len(rows)))) % len(rows)]

    def repeats(self, size: int) -> float:
        """Return the variance of the mean of :meth:`used` over that of as many independent rows."""
        return 1 + (len(self.used(size)) - 1) * correlation(len(self.rows), self.n_eff)

    def _count(self) -> int:
        return max(1, min(SUBSETS, COLUMNS // self.rows.shape[1]))


def equal_distance(distance: Distance, x: ComparedRows, y: ComparedRows, size: int) -> Estimate:
    """Compute the mean distance between subsets of x and y that are worth ``size`` independent rows each.

    stderr: delete-a-block jackknife (Quenouille 1956) of each side alone, stderr^2 = r_x J_x + r_y J_y, with J = 9/10
    sum_b (d_b - mean d_b)^2, d_b the value without block b, and r by :meth:`ComparedRows.repeats`; up to twice too wide
    if the distributions are equal. NaN if ``size`` is below 20.
    """
    if size < 2 * BLOCKS:
        return Estimate(math.nan, math.nan, size)
    whole_x, whole_y = x.subsets(size), y.subsets(size)
    without_x = [distance(x.subsets(size, number), whole_y) for number in range(BLOCKS)]
    without_y = [distance(whole_x, y.subsets(size, number)) for number in range(BLOCKS)]
    squares = [side.repeats(size) * jackknife_variance(parts) for side, parts in ((x, without_x), (y, without_y))]
    return Estimate(distance(whole_x, whole_y), math.sqrt(sum(squares)), size)
