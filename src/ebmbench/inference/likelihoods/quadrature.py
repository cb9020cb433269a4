"""Quadrature of log Z in one and two dimensions by midpoint sums over two nested boxes, with exact samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
from annotated_types import Ge, MultipleOf
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.midpoints import midpoints
from ebmbench.core.ranges import check_ranges
from ebmbench.inference.likelihoods.interface import LogZ, Normalisation, Problem
from ebmbench.inference.samplers import grid as cells
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Density, Sampleable

__all__ = ["Quadrature"]

#: factor by which cells outside the data's box are wider, because there a model is as smooth as its base measure
COARSE = 5

#: largest accepted difference of log Z between the two boxes, in nats
TOLERANCE = 0.01

#: number of samples from which the extent of a base measure that is not normal is estimated
DRAWS = 100_000

#: half-side of the first box in standard deviations of the base measure
REACH = 5.0


@dataclass(frozen=True)
class Quadrature:
    """log Z = log of a midpoint sum with ``grid`` cells per side of the data's box, and exact samples.

    ``grid`` is a multiple of 30, so that the thinned grids and the surrounding coarse cells fit.
    """

    grid: Annotated[int, Ge(30), MultipleOf(30)] = 360

    def __post_init__(self) -> None:
        check_ranges(self)

    def applies(self, problem: Problem) -> bool:
        """Return whether the model is a density in one or two dimensions and the box that holds the data is known."""
        return problem.box is not None and problem.model.dim <= 2 and isinstance(problem.model, Density)

    def normalise(self, problem: Problem, draws: int, generator: torch.Generator) -> Normalisation:
        """Compute log Z and draw ``draws`` samples from the model's distribution."""
        return over_two_boxes(*self._setting(problem), draws, generator)

    def cells(self, problem: Problem) -> QuadratureCells:
        """Compute the model's distribution as masses of cells, in the precision of the problem's training samples."""
        return cells_over_two_boxes(*self._setting(problem), problem.train)

    def _setting(self, problem: Problem) -> tuple[Density, Core, float]:
        """Return the model, its core box and the half-side that its base measure needs."""
        model = problem.model
        if problem.box is None or not isinstance(model, Density):
            raise ValueError("quadrature needs a model with a density and a data set with a box")
        return model, Core(problem.box, self.grid), reach_of(model.base)


class Core(NamedTuple):
    """The box [-half, half]^D, divided into n^D cells."""

    half: float
    n: int

    @property
    def side(self) -> float:
        """Side of one cell."""
        return 2 * self.half / self.n


def reach_of(base: Sampleable) -> float:
    """Return the half-side of a box that holds nearly all of the base measure.

    The box holds all but 1e-6 of a normal base measure; for others it extends 10 % beyond the farthest of 100,000
    samples.
    """
    if not isinstance(base, Normal):
        draws = base.sample(DRAWS, torch.Generator().manual_seed(0))
        return 1.1 * float(draws.abs().max())
    deviations = base.cholesky.square().sum(1).sqrt()
    return float((base.mean.abs() + REACH * deviations).max())


def over_two_boxes(model: Density, core: Core, reach: float, draws: int, generator: torch.Generator) -> Normalisation:
    """Compute log Z by midpoint sums over two nested boxes, and draw exact samples, for a ``model`` with D = 1 or 2.

    ``core`` holds the data. It is surrounded by frames of cells :data:`COARSE` times as wide, out to the first
    box (half-side at least ``reach``, which must hold the model's base measure) and to the second, 1.5 times
    as wide. The value is that of the second box; its error is that of the core's sum (the seam of core and frame adds
    less than 1e-4 nats at the default grid). The status is failed if the two boxes differ by more than .01 nats,
    because then mass lies outside. Samples are drawn by inverse CDF: a cell by its mass, then uniform in it, which
    adds h^2/12 to each variance.
    """
    found = cells_over_two_boxes(model, core, reach, torch.empty(0, device=generator.device))
    first = float(found.log_masses[: found.near].logsumexp(0))
    second = float(found.log_masses.logsumexp(0))
    log_z = _judged(first, second, _discretisation(found.core_values, core.n, model.dim), found.half)
    samples = found.points[:0]
    if math.isfinite(second):
        samples = cells.draw(found.points, found.log_masses, found.widths, draws, generator)
    return Normalisation(log_z, samples, "grid inverse-CDF", len(samples), Cost(len(found.points)), exact=True)


class QuadratureCells(NamedTuple):
    """Cells with midpoints ``points: (G, D)``, ``widths: (G,)`` and a density's ``log_masses: (G,)``.

    The first ``near`` cells fill the first of two boxes, of half-side ``half``; all cells fill the second.
    ``core_values``: the log-density in the core's cells.
    """

    points: Tensor
    widths: Tensor
    log_masses: Tensor
    near: int
    half: float
    core_values: Tensor


def cells_over_two_boxes(model: Density, core: Core, reach: float, like: Tensor) -> QuadratureCells:
    """Compute the cells of :func:`over_two_boxes`, on the device and in the precision of ``like``."""
    dim, device = model.dim, like.device
    near = _frame(core.half, max(reach, core.half), core.side, device, dim)
    half = float(near.abs().max()) + COARSE * core.side / 2 if len(near) else core.half
    far = _frame(half, 1.5 * half, core.side, device, dim)
    parts = [part.to(like.dtype) for part in (midpoints(core.half, core.n, device, dim), near, far)]
    sides = [core.side, COARSE * core.side, COARSE * core.side]
    values = [log_density_in_blocks(model, part) for part in parts]
    widths = torch.cat([torch.full((len(part),), side, device=device) for part, side in zip(parts, sides, strict=True)])
    masses = torch.cat([part + dim * math.log(side) for part, side in zip(values, sides, strict=True)])
    return QuadratureCells(torch.cat(parts), widths, masses, len(parts[0]) + len(near), half, values[0])


def _frame(inner: float, outer: float, side: float, device: torch.device, dim: int = 2) -> Tensor:
    """Return midpoints ``(G, D)`` of coarse cells between [-inner, inner]^D and a box of half-side >= ``outer``."""
    rings = math.ceil((outer - inner) / (COARSE * side) - 1e-9)
    n = round(2 * inner / (COARSE * side)) + 2 * rings
    points = midpoints(inner + rings * COARSE * side, n, device, dim)
    return points[points.abs().amax(1) > inner]


def _discretisation(values: Tensor, n: int, dim: int) -> float:
    """Estimate the relative standard error of a midpoint sum of exp(values), ``values: (n^D,)``: nats of its log.

    It is 3^(-(D + 1)/2) times the root mean square relative difference to the 3^D sums over every third midpoint, as
    in the metrics on grids. With every second midpoint, a mirror-symmetric density would hide its error.
    """
    blocks = values.reshape([n // 3, 3] * dim)
    parts = blocks.logsumexp(tuple(range(0, 2 * dim, 2))) + dim * math.log(3)
    return 3 ** (-(dim + 1) / 2) * float(torch.expm1(parts - values.logsumexp(0)).square().mean().sqrt())


def _judged(near: float, far: float, stderr: float, half: float) -> LogZ:
    if not (math.isfinite(near) and math.isfinite(far)):
        return LogZ(math.nan, math.nan, "quadrature", "failed", "log Z is not finite")
    gap = {"log_z_other_box": near}
    if abs(far - near) > TOLERANCE:
        reason = f"log Z differs by {far - near:.3g} nats between boxes of half-side {half:g} and {1.5 * half:g}"
        return LogZ(far, stderr, "quadrature", "failed", reason, gap)
    return LogZ(far, stderr, "quadrature", diagnostics=gap)
