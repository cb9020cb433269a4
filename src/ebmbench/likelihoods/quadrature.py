"""log Z and draws in two dimensions, by midpoint and stratified sums over a square."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.families.model import Density
from ebmbench.families.tilted import Tilted
from ebmbench.grid import midpoints
from ebmbench.likelihoods.base import Cost, LogZ, Normalisation

#: points of a grid evaluated at once
ROWS = 16_384

#: squares outside the data's box are this much wider: there a model is as smooth as its base measure
COARSE = 5

#: two boxes may differ by this much in log Z, in nats
TOLERANCE = 0.01


@torch.no_grad()
def log_density_in_blocks(model: Density, x: Tensor) -> Tensor:
    """log_density at ``x: (B, D)`` -> ``(B,)`` float64, in blocks, so that memory does not grow with B."""
    return torch.cat([model.log_density(rows).double() for rows in x.split(ROWS)])


def jittered_log_z(model: Tilted, cells: int, generator: torch.Generator) -> Tensor:
    """log mean_c exp(log p~(x_c) - log b(x_c)): differentiable in the parameters, exp of it unbiased for Z.

    x_c is uniform in cell c of ``cells`` x ``cells`` equal squares of [0, 1]^2, taken through the inverse
    distribution function of the base measure b: the whole plane is covered, densely where b is high.
    """
    base = model.base
    axis = torch.arange(cells, device=base.mean.device, dtype=base.mean.dtype) / cells
    corners = torch.cartesian_prod(axis, axis)
    jitter = torch.rand(corners.shape, generator=generator, device=corners.device, dtype=corners.dtype)
    uniform = (corners + jitter / cells).clamp(1e-6, 1 - 1e-6)
    x = base.mean + torch.special.ndtri(uniform) @ base.cholesky.T
    return (model.log_density(x) - base.log_density(x)).logsumexp(0) - 2 * math.log(cells)


class Square(NamedTuple):
    """[-half, half]^2 in n x n squares."""

    half: float
    n: int

    @property
    def side(self) -> float:
        """Side of one of its squares."""
        return 2 * self.half / self.n


def normalise(model: Density, core: Square, reach: float, draws: int, generator: torch.Generator) -> Normalisation:
    """log Z by midpoint sums over two nested boxes, and exact draws.

    ``core`` holds the data; around it stand frames of squares :data:`COARSE` times as wide, out to the first
    box (half-side at least ``reach``, which must hold the model's base measure) and to the second, 1.5 times
    as wide. The value is the second box's; its error is that of the core's sum (the seam of core and frame adds
    less than 1e-4 nats at the default grid). Status failed where the two boxes differ by more than .01 nats:
    mass is escaping. Draws are inverse-CDF: a square by its mass, then uniform in it, which adds h^2/12 to each
    variance.
    """
    device = generator.device
    near = _frame(core.half, max(reach, core.half), core.side, device)
    inner_half = float(near.abs().max()) + COARSE * core.side / 2 if len(near) else core.half
    far = _frame(inner_half, 1.5 * inner_half, core.side, device)
    points = [midpoints(core.half, core.n, device), near, far]
    values = [log_density_in_blocks(model, part) for part in points]
    sides = [core.side, COARSE * core.side, COARSE * core.side]
    masses = [part + 2 * math.log(side) for part, side in zip(values, sides, strict=True)]
    first, second = (float(torch.cat(masses[:count]).logsumexp(0)) for count in (2, 3))
    log_z = _judged(first, second, _discretisation(values[0], core.n), inner_half)
    widths = torch.cat(
        [torch.full((len(part),), side, device=device) for part, side in zip(values, sides, strict=True)]
    )
    samples = points[0][:0]
    if math.isfinite(second):
        samples = _draw(torch.cat(points), torch.cat(masses), widths, draws, generator)
    cost = Cost(sum(len(part) for part in points))
    return Normalisation(log_z, samples, "grid inverse-CDF", len(samples), cost)


def _frame(inner: float, outer: float, side: float, device: torch.device) -> Tensor:
    """``(G, 2)`` midpoints of coarse squares between [-inner, inner]^2 and a box of half-side ``outer`` or more."""
    rings = math.ceil((outer - inner) / (COARSE * side) - 1e-9)
    n = round(2 * inner / (COARSE * side)) + 2 * rings
    points = midpoints(inner + rings * COARSE * side, n, device)
    return points[points.abs().amax(1) > inner]


def _discretisation(values: Tensor, n: int) -> float:
    """Standard error of a midpoint sum of exp(values), ``values: (n^2,)``, relative, so in nats of its log.

    3^(-3/2) times the root mean square relative difference to the nine sums over every third midpoint, as in
    the metrics on grids; a mirror-symmetric density would hide its error from every second midpoint.
    """
    parts = values.reshape(n // 3, 3, n // 3, 3).logsumexp((0, 2)) + math.log(9)
    return 3**-1.5 * float(torch.expm1(parts - values.logsumexp(0)).square().mean().sqrt())


def _judged(near: float, far: float, stderr: float, half: float) -> LogZ:
    if not (math.isfinite(near) and math.isfinite(far)):
        return LogZ(math.nan, math.nan, "quadrature", "failed", "log Z is not finite")
    gap = {"log_z_other_box": near}
    if abs(far - near) > TOLERANCE:
        reason = f"log Z differs by {far - near:.3g} nats between boxes of half-side {half:g} and {1.5 * half:g}"
        return LogZ(far, stderr, "quadrature", "failed", reason, gap)
    return LogZ(far, stderr, "quadrature", diagnostics=gap)


def _draw(points: Tensor, log_mass: Tensor, widths: Tensor, n: int, generator: torch.Generator) -> Tensor:
    mass = (log_mass - log_mass.max()).exp().cumsum(0)
    uniform = torch.rand(n, generator=generator, device=points.device, dtype=mass.dtype) * mass[-1]
    chosen = torch.searchsorted(mass, uniform).clamp(max=len(points) - 1)
    jitter = torch.rand(n, 2, generator=generator, device=points.device) - 0.5
    return points[chosen] + widths[chosen, None] * jitter
