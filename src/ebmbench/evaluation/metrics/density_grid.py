"""Distances between a model's density and the known one, by midpoint sums over a square grid in two dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate

NAMES = ("kl", "tv", "mse_log_density", "off_support_mass")
#: only for data sets that define modes
MODES = "mode_weight_error"

#: fraction of the data's mass that defines its support: the mass of a 2D normal within 4 standard deviations
SUPPORT_MASS = 1 - math.exp(-8)


#: thinning factor of the grids that estimate the discretisation error; odd
THINNING = 3

#: error of a mass or a divergence that no estimate sees: data outside the square, a model's arithmetic in float32
UNSEEN = 1e-5

#: a divergence this many errors below 0 cannot be one of normalised densities
ERRORS = 3


class DensityGrid(NamedTuple):
    """The known density p at the midpoints of n x n squares of side h, with the first coordinate varying slowest.

    ``log_p: (n^2,)`` float64, -inf where p = 0; ``area`` = h^2; ``component: (n^2,)`` is the mode to which each square
    belongs, or None.
    """

    log_p: Tensor
    area: float
    component: Tensor | None = None

    @property
    def part(self) -> str:
        """Where a run's log-density is needed."""
        return "grid"

    @property
    def names(self) -> tuple[str, ...]:
        """What :meth:`distances` computes."""
        return NAMES if self.component is None else (*NAMES, MODES)

    @property
    def of_draws(self) -> tuple[str, ...]:
        """Metrics of both log-densities at the model's own samples: none, as the grid shows all of the plane."""
        return ()

    def distances(self, log_density: Tensor, log_z: float = 0.0, log_z_stderr: float = 0.0) -> dict[str, Estimate]:
        """Compute the distances of :func:`density_grid`."""
        return density_grid(self, log_density, log_z, log_z_stderr)


def density_grid(
    grid: DensityGrid, log_density: Tensor, log_z: float = 0.0, log_z_stderr: float = 0.0
) -> dict[str, Estimate]:
    """Compute distances between p and q = exp(log_density - log_z) for ``log_density: (n^2,)``; h^2 = area of a square.

    kl = sum p (log p - log q) h^2, in nats; inf if q = 0 < p anywhere.
    tv = sum max(p - q, 0) h^2: half the L1 distance, with the model's mass outside the grid counted exactly.
    mse_log_density = sum p (log q - log p)^2 h^2, in nats^2.
    off_support_mass = 1 - sum_{x in S} q h^2, S = {p >= c} with p(S) = 1 - exp(-8), where squares of density c count in
    part; for well separated equal normal modes S is the discs of 4 standard deviations.
    mode_weight_error = 1/2 sum_k |w_k(q) - w_k(p)|, w_k = mass of mode k over the mass on the grid (omitted if there
    are no modes).

    stderr: root sum of squares of (a) the discretisation error and (b) the change when log Z moves by its standard
    error; plus eps_32 E_p|log_density| for the storage of log_density in single precision. (a) is 3^(-3/2) times the
    root mean square difference to the nine grids that take every third midpoint in each direction: the error falls as
    h^(3/2) or faster, h^(3/2) if S or {p > q} has an edge (Kendall, 1948).
    """
    log_density = log_density.double()
    values = _values(grid, log_density - log_z)
    moved = _values(grid, log_density - log_z - log_z_stderr)
    thinned = [_values(part, log_q) for part, log_q in _thinned(grid, log_density - log_z)]
    falls = THINNING**-1.5
    p, inside = grid.log_p.exp() * grid.area, grid.log_p > -math.inf
    rounding = torch.finfo(torch.float32).eps * float((p * log_density.abs())[inside].sum())
    return {
        name: Estimate(
            value,
            math.hypot(falls * _rms([part[name] - value for part in thinned]), moved[name] - value) + rounding,
            len(log_density),
        )
        for name, value in values.items()
    }


def log_mass(log_q: Tensor, area: float) -> Estimate:
    """Compute log sum q h^2, q = exp(``log_q: (n^2,)``), h^2 = ``area``: 0 for a density whose mass is on the square.

    stderr: that of the sum relative to its value, with discretisation and rounding as in :func:`density_grid`.
    """
    log_q = log_q.double()
    value = float(log_q.logsumexp(0)) + math.log(area)
    thinned = (part for part, _ in _thinned(DensityGrid(log_q, area), log_q))
    parts = [float(part.log_p.logsumexp(0)) + math.log(part.area) for part in thinned]
    rounding = torch.finfo(torch.float32).eps * float((log_q.softmax(0) * log_q.abs()).sum())
    return Estimate(value, THINNING**-1.5 * _rms([math.expm1(part - value) for part in parts]) + rounding, len(log_q))


def why_not_normalised(kl: Estimate) -> str | None:
    """Return why a KL divergence below 0 by more than its error is no result, in one line; None for any other."""
    if not kl.value < -(ERRORS * kl.stderr + UNSEEN):
        return None
    return (
        f"the density is not normalised: KL(data || model) = {kl.value:.4g} nats with error {kl.stderr:.2g}, "
        "but no KL divergence is below 0"
    )


def divergences(grid: DensityGrid, log_q: Tensor) -> dict[str, float]:
    """Compute kl and mse_log_density, as :func:`density_grid` defines them, for the normalised ``log_q: (n^2,)``."""
    p = grid.log_p.exp()
    occupied = p > 0
    ratio = (grid.log_p - log_q)[occupied]
    means = {"kl": p[occupied] * ratio, "mse_log_density": p[occupied] * ratio**2}
    return {name: float(terms.sum() * grid.area) for name, terms in means.items()}


def _values(grid: DensityGrid, log_q: Tensor) -> dict[str, float]:
    p, q = grid.log_p.exp(), log_q.exp()
    masses = {
        "tv": (p - q).clamp(min=0).sum() * grid.area,
        "off_support_mass": (1 - (_support(grid) * q).sum() * grid.area).clamp(min=0),
    }
    if grid.component is not None:
        masses[MODES] = 0.5 * (_weights(grid.component, q) - _weights(grid.component, p)).abs().sum()
    return divergences(grid, log_q) | {name: float(value) for name, value in masses.items()}


def _support(grid: DensityGrid) -> Tensor:
    """Return the fraction of each square that belongs to S, ``(n^2,)``: 1, 0, or in between on the boundary {p = c}."""
    p = grid.log_p.exp()
    falling = grid.log_p.sort(descending=True).values
    mass = falling.exp().cumsum(0)
    level = falling[torch.searchsorted(mass, SUPPORT_MASS * mass[-1])]
    # squares of equal density must be treated alike, despite rounding of their logarithms
    above, boundary = grid.log_p > level + 1e-9, (grid.log_p - level).abs() <= 1e-9
    return above + boundary * (SUPPORT_MASS * mass[-1] - p[above].sum()) / p[boundary].sum()


def _weights(component: Tensor, density: Tensor) -> Tensor:
    mass = torch.bincount(component, weights=density)
    return mass / mass.sum()


def _thinned(grid: DensityGrid, log_q: Tensor) -> Iterator[tuple[DensityGrid, Tensor]]:
    """Iterate over the nine grids of every third midpoint in each direction.

    Every second midpoint would not work: those grids are mirror images of each other, so if the densities are symmetric
    about the centre all four sums agree, however wrong they are.
    """
    n = math.isqrt(len(log_q))

    def part(values: Tensor, row: int, column: int) -> Tensor:
        return values.reshape(n, n)[row::THINNING, column::THINNING].flatten()

    for row, column in product(range(THINNING), repeat=2):
        component = None if grid.component is None else part(grid.component, row, column)
        yield DensityGrid(part(grid.log_p, row, column), THINNING**2 * grid.area, component), part(log_q, row, column)


def _rms(values: list[float]) -> float:
    return math.sqrt(sum(value**2 for value in values) / len(values))
