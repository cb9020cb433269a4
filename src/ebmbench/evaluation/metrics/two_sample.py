"""Two-sample distances by unbiased sums over pairs (Gretton et al., 2012)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAMES = ("energy_distance", "mmd2")

#: largest number of points per side in a distance between samples
POINTS = 2_000

#: number of test points whose pairwise distances give the bandwidth
BANDWIDTH_POINTS = 1_000

#: rows of a distance matrix in memory at once
ROWS = 512

Kernel = Callable[[Tensor], Tensor]


def subsets(
    model: Tensor, test: Tensor, n_eff: float, generator: torch.Generator, points: int = POINTS
) -> tuple[Tensor, Tensor]:
    """Return random subsets of ``model: (n, D)`` and ``test: (m, D)``, float64, at most ``points`` per side.

    Test points are chosen first, so that all models share them. At most ``n_eff`` samples of the model, its effective
    number of independent samples, are taken: the errors of distances assume independent points.
    """
    rows = some(test, generator, points)
    draws = model[torch.randperm(len(model), generator=generator)[: min(points, int(n_eff))]]
    return draws.double(), rows


def some(test: Tensor, generator: torch.Generator, points: int = POINTS) -> Tensor:
    """Return the points of ``test: (m, D)`` that :func:`subsets` takes, float64."""
    return test[torch.randperm(len(test), generator=generator)[:points]].double()


@dataclass(frozen=True)
class Ground:
    """Test points ``(m, D)``, with cached quantities that do not depend on the samples compared with them."""

    rows: Tensor

    def distances(self, x: Tensor) -> dict[str, Estimate]:
        """Compute energy distance and squared maximum mean discrepancy between samples ``x: (n, D)`` and these y.

        energy_distance = 2 E|X - Y| - E|X - X'| - E|Y - Y'|, in data units (Szekely and Rizzo, 2013).
        mmd2 = E k(X, X') + E k(Y, Y') - 2 E k(X, Y), k(x, y) = exp(-|x - y|^2 / 2b^2), b = :func:`bandwidth` of y.
        Both are sums over pairs of different points, so unbiased: they may be below 0 if the distributions are equal.

        stderr: from the linear and the quadratic part of the sums' variance (Hoeffding, 1948), so that it also holds if
        the distributions are equal and the linear part is 0; there it is up to a third too wide. NaN with fewer than 4
        points per side.
        """
        if min(len(x), len(self.rows)) < 4:
            return {name: Estimate(math.nan, math.nan, len(x)) for name in NAMES}
        within, across = _pairs(x, x, self._kernels), _pairs(x, self.rows, self._kernels)
        return {name: _discrepancy(within[name], self._within[name], across[name]) for name in NAMES}

    @cached_property
    def _kernels(self) -> dict[str, Kernel]:
        return {"energy_distance": torch.neg, "mmd2": _gaussian(bandwidth(self.rows))}

    @cached_property
    def _within(self) -> dict[str, _Pairs]:
        return _pairs(self.rows, self.rows, self._kernels)


def bandwidth(y: Tensor) -> float:
    """Return the median distance between two different points of ``y: (m, D)``, among its first 1,000."""
    return float(torch.pdist(y[:BANDWIDTH_POINTS]).median())


def mmd(x: Tensor, y: Tensor, width: float) -> float:
    """Compute sqrt( mean k(x, x') + mean k(y, y') - 2 mean k(x, y) ), with means over all pairs.

    k(x, y) = exp(-|x - y|^2 / 2b^2), b = ``width``. It is the distance between two sets of points ``x: (n, D)``,
    ``y: (m, D)``, so above 0, by about n^(-1/2), even if their distributions are equal.
    """
    kernel, x, y = _gaussian(width), x.double(), y.double()
    within_x, within_y, across = (float(kernel(torch.cdist(a, b)).mean()) for a, b in ((x, x), (y, y), (x, y)))
    return math.sqrt(max(within_x + within_y - 2 * across, 0.0))


class _Pairs(NamedTuple):
    """Sums of a kernel over the pairs of two sets: ``rows: (n,)``, ``columns: (m,)``, ``squares``, ``self_pair``.

    ``self_pair`` is the kernel at distance 0.
    """

    rows: Tensor
    columns: Tensor
    squares: float
    self_pair: float


def _gaussian(width: float) -> Kernel:
    return lambda distance: distance.square().mul_(-0.5 / width**2).exp_()


def _pairs(a: Tensor, b: Tensor, kernels: Mapping[str, Kernel]) -> dict[str, _Pairs]:
    rows: dict[str, list[Tensor]] = {name: [] for name in kernels}
    columns = dict.fromkeys(kernels, torch.zeros(len(b), dtype=a.dtype))
    squares = dict.fromkeys(kernels, 0.0)
    for block in a.split(ROWS):
        distance = torch.cdist(block, b)
        for name, kernel in kernels.items():
            values = kernel(distance)
            rows[name].append(values.sum(1))
            columns[name] = columns[name] + values.sum(0)
            flat = values.flatten()
            squares[name] += float(flat @ flat)
    zero = torch.zeros((), dtype=a.dtype)
    return {
        name: _Pairs(torch.cat(rows[name]), columns[name], squares[name], float(kernel(zero)))
        for name, kernel in kernels.items()
    }


def _discrepancy(within_x: _Pairs, within_y: _Pairs, across: _Pairs) -> Estimate:
    """Estimate E k(X, X') + E k(Y, Y') - 2 E k(X, Y) and its standard error.

    With the row means u_i = mean_{j != i} k(x_i, x_j) - mean_j k(x_i, y_j), and v_j likewise for y, the variance is
    about 4 var(u)/n + 4 var(v)/m if the linear part dominates. The noise of u and v counts the quadratic part q = 2
    s_xx/n^2 + 2 s_yy/m^2 + 4 s_xy/(nm) twice (s: the variance of k that rows and columns do not explain), so one q is
    subtracted; the total is never below q.
    """
    n, m = len(across.rows), len(across.columns)
    u = (within_x.rows - within_x.self_pair) / (n - 1) - across.rows / m
    v = (within_y.rows - within_y.self_pair) / (m - 1) - across.columns / n
    value = float(u.mean() + v.mean())
    linear = 4 * float(u.var()) / n + 4 * float(v.var()) / m
    quadratic = 2 * _unexplained_within(within_x) / n**2 + 2 * _unexplained_within(within_y) / m**2
    quadratic += 4 * _unexplained(across.rows / m, across.columns / n, across.squares / (n * m)) / (n * m)
    return Estimate(value, math.sqrt(max(linear - quadratic, quadratic)), n)


def _unexplained_within(pairs: _Pairs) -> float:
    n = len(pairs.rows)
    means = (pairs.rows - pairs.self_pair) / (n - 1)
    return _unexplained(means, means, (pairs.squares - n * pairs.self_pair**2) / (n * (n - 1)))


def _unexplained(rows: Tensor, columns: Tensor, mean_square: float) -> float:
    """Return the variance of k - E[k|row] - E[k|column] + E k, from row means, column means and the mean of k^2."""
    between = rows.var(correction=0) + columns.var(correction=0)
    return max(mean_square - float(rows.mean()) ** 2 - float(between), 0.0)
