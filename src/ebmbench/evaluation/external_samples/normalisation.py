"""Check that a user's log-densities on a grid belong to one normalised density, that of the samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from scipy.special import betaincinv
from torch import Tensor

from ebmbench.evaluation.data_files import SPLITS
from ebmbench.evaluation.external_samples.archive import GRID, LOG_PROBS, ExternalSamples, GivenError
from ebmbench.evaluation.metrics.density_grid import UNSEEN, log_mass

#: accepted multiple of the mass's error, which is underestimated for densities much narrower than a cell
ERRORS = 6

#: probability of refusing a valid file because by chance too few of its samples lie outside the square
LEVEL = 1e-6

#: difference in nats that is always accepted between log-densities and their interpolation on the grid
NEARLY = 1e-3


class Square(NamedTuple):
    """The ``n``² midpoints of equal cells that tile [-half, half]², the first coordinate varying slowest."""

    half: float
    n: int

    @classmethod
    def of(cls, points: Tensor) -> Square:
        """Return the square of the midpoints ``points: (n^2, 2)``."""
        n = math.isqrt(len(points))
        return cls(float(points.double().abs().max()) * n / (n - 1), n)

    @property
    def side(self) -> float:
        """Side of one cell."""
        return 2 * self.half / self.n

    def holds(self, x: Tensor) -> Tensor:
        """Return which of ``x: (N, 2)`` lie on the square, ``(N,)``."""
        return (x.abs() <= self.half).all(1)


def check_density(path: Path, given: ExternalSamples, points: Tensor, rows: Mapping[str, Tensor]) -> None:
    """Raise :class:`GivenError` unless the log-densities of ``path`` can be those of a normalised density.

    ``points: (n^2, 2)``: the grid; ``rows``: the data set's samples by split. The mass on the grid must be 1 within its
    error, less at most the mass outside that the samples show; the log-densities of each split must agree with those
    of the grid. Without log-densities there is nothing to check.
    """
    if "grid" not in given.log_prob:
        return
    square, log_q = Square.of(points), torch.from_numpy(given.log_prob["grid"])
    _check_mass(path, torch.from_numpy(given.samples), log_q, square)
    for split in SPLITS:
        if split in given.log_prob:
            _check_split(path, LOG_PROBS[split], torch.from_numpy(given.log_prob[split]), rows[split], log_q, square)


def _check_mass(path: Path, samples: Tensor, log_q: Tensor, square: Square) -> None:
    """Refuse a mass above 1, and one that leaves more outside the square than the samples allow.

    The samples' limit is the upper end of the one-sided Clopper-Pearson interval of the fraction outside.
    """
    found = log_mass(log_q, square.side**2)
    error = ERRORS * found.stderr + UNSEEN
    outside, n = int((~square.holds(samples)).sum()), len(samples)
    leak = float(betaincinv(outside + 1, n - outside, 1 - LEVEL)) if outside < n else 1.0
    low, high = max(1 - leak - error, 0.0), 1 + error
    mass = float(torch.tensor(found.value).exp())
    if not low <= mass <= high:
        raise GivenError(
            f"{path}: {GRID} has a mass of {mass:.6g} on the grid's square; allowed: {low:.6g} to {high:.6g}, as "
            f"{outside} of {n} samples lie outside it; all log-densities must be those of the samples, normalised"
        )


def _check_split(path: Path, name: str, log_prob: Tensor, rows: Tensor, log_q: Tensor, square: Square) -> None:
    """Refuse log-densities of a split that differ from those of the grid, interpolated, by a constant.

    The median difference is compared with the median error of interpolating between points twice as far apart, about
    six times that of the interpolation itself; medians, so that single rows do not matter.
    """
    inside = square.holds(rows)
    if not inside.any():
        return
    at = ((rows[inside].double() + square.half) / square.side - 0.5).clamp(0, square.n - 1)
    values = log_q.reshape(square.n, square.n)
    apart = float((log_prob[inside] - _interpolated(values, at)).median())
    allowed = float(_curvature(values, at).median()) + NEARLY
    if abs(apart) > allowed:
        raise GivenError(
            f"{path}: {name} differs from {GRID}, interpolated at the same rows, by {apart:.4g} nats (median); "
            f"allowed: {allowed:.2g} or less, because both must be of the same density"
        )


def _interpolated(values: Tensor, at: Tensor) -> Tensor:
    """Interpolate ``values: (n, n)`` bilinearly at the places ``at: (N, 2)``, in units of cells."""
    low = at.floor().long().clamp(max=len(values) - 2)
    (i, j), (u, v) = low.T, (at - low).T
    upper = (1 - v) * values[i, j] + v * values[i, j + 1]
    lower = (1 - v) * values[i + 1, j] + v * values[i + 1, j + 1]
    return (1 - u) * upper + u * lower


def _curvature(values: Tensor, at: Tensor) -> Tensor:
    """Return |f - mean of its two neighbours|, summed over the axes, of the cells nearest to ``at: (N, 2)``."""
    i, j = at.round().long().clamp(1, len(values) - 2).T
    centre = values[i, j]
    along = (values[i - 1, j] + values[i + 1, j], values[i, j - 1] + values[i, j + 1])
    return sum(((centre - both / 2).abs() for both in along), torch.zeros_like(centre))
