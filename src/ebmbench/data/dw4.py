"""Four particles in the plane with a double-well energy of each distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity

__all__ = ["DW4"]

#: log of the integral of exp(-E) over the six-dimensional subspace, by a convolution of the energies of two triangles
#: with a common side on a square grid: halving the grid's step changes it by less than 1e-13
LOG_Z = 29.667232232904

PAIRS = tuple(combinations(range(4), 2))

#: least energy of a pair, at distances 4 ± sqrt(20 / 9)
LEAST = -40 / 9

#: distance that a pair exceeds with a probability below exp(-150), and number of cells in which distances are drawn
REACH, CELLS = 8.5, 4096

#: excess of the cells' envelope over the larger value at their two ends, for cells that hold a maximum
MARGIN = 1.001

#: number of proposals at a time; about one of 460 is accepted
PROPOSALS = 2**19


@dataclass(frozen=True)
class DW4(Drawn, KnownDensity):
    """DW4, p = exp(-E) / Z, E = sum over the six pairs of -4 (d - 4)² + 0.9 (d - 4)⁴, d the distance of a pair.

    The four particles r_1, ..., r_4 of the plane have their centre at the origin. x: (B, 6) are their coordinates in
    an orthonormal basis of that subspace, x = (r_1 - r_2) / sqrt 2, (r_1 + r_2 - 2 r_3) / sqrt 6, (r_1 + r_2 + r_3 - 3
    r_4) / sqrt 12; p is the density with respect to the Lebesgue measure on it. log Z = 29.667232 to 1e-12, and the
    entropy is 7.1257 nats. Samples are exact and independent, by rejection. The system of Köhler, Klein & Noé (2020),
    Equivariant flows, with unit temperature.
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    dim = 6
    density = "closed form; log Z by quadrature to 1e-12"
    source = "DW4 of Köhler, Klein and Noé (2020), Equivariant flows"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw configurations by rejection, then turn each by a uniform angle."""
        found: list[Tensor] = []
        while sum(map(len, found)) < n:
            found.append(_accepted(PROPOSALS, generator))
        relative = torch.cat(found)[:n]
        turn = 2 * math.pi * torch.rand(n, 1, dtype=torch.float64, generator=generator)
        x, y = relative.unbind(-1)
        turned = torch.stack([turn.cos() * x - turn.sin() * y, turn.sin() * x + turn.cos() * y], dim=-1)
        return torch.einsum("kp,bpa->bka", basis(), turned).flatten(1).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute -E - log Z."""
        return -energy(x.double()) - LOG_Z


def energy(x: Tensor) -> Tensor:
    """Compute E for ``x: (B, 6)`` -> ``(B,)``."""
    particles = torch.einsum("kp,bka->bpa", basis().to(x.dtype), x.unflatten(1, (3, 2)))
    return torch.stack([pair((particles[:, i] - particles[:, j]).norm(dim=-1)) for i, j in PAIRS]).sum(0)


def pair(d: Tensor) -> Tensor:
    """Compute the energy of a pair at distance ``d``, elementwise."""
    square = (d - 4).square()
    return -4 * square + 0.9 * square.square()


@cache
def basis() -> Tensor:
    """Return the ``(3, 4)`` orthonormal rows that span the vectors of sum 0, float64."""
    rows = torch.tensor([[1, -1, 0, 0], [1, 1, -2, 0], [1, 1, 1, -3]], dtype=torch.float64)
    return rows / rows.norm(dim=1, keepdim=True)


class Distances(NamedTuple):
    """Envelope of the density g(d) = d exp(-pair(d)) of a pair's distance, constant on cells of equal width.

    ``height: (CELLS,)`` is at least g in each cell; ``cumulative: (CELLS,)``: the envelope's distribution function.
    """

    height: Tensor
    cumulative: Tensor


@cache
def distances() -> Distances:
    """Make the envelope."""
    ends = torch.linspace(0, REACH, CELLS + 1, dtype=torch.float64)
    density = ends * (LEAST - pair(ends)).exp()
    height = MARGIN * torch.maximum(density[:-1], density[1:])
    return Distances(height, height.cumsum(0) / height.sum())


class Proposed(NamedTuple):
    """Distances ``d: (n,)`` drawn from the envelope, and ``log_ratio: (n,)``, the log of g over it, at most 0."""

    d: Tensor
    log_ratio: Tensor


def propose(n: int, generator: torch.Generator) -> Proposed:
    """Draw n distances from the envelope."""
    cell = torch.searchsorted(distances().cumulative, _uniform(n, generator)).clamp_max(CELLS - 1)
    d = (cell + _uniform(n, generator)) * (REACH / CELLS)
    return Proposed(d, d.log() + LEAST - pair(d) - distances().height[cell].log())


def _accepted(n: int, generator: torch.Generator) -> Tensor:
    """Propose n configurations and return those that are accepted, ``(m, 4, 2)``, the first particle at the origin.

    The other three are proposed independently, at distances from the density that the energy of their pair with the
    first one implies, and at uniform angles, the second one on the axis. They are accepted with the probability
    exp(3 LEAST - the energy of the other three pairs): first the third particle, then the fourth.
    """
    second, third = propose(n, generator), propose(n, generator)
    angle = 2 * math.pi * _uniform(n, generator)
    apart = _side(second.d, third.d, angle)
    kept = (second.log_ratio + third.log_ratio + LEAST - pair(apart)) > _uniform(n, generator).log()
    second_d, third_d, angle = second.d[kept], third.d[kept], angle[kept]
    fourth = propose(len(angle), generator)
    other = 2 * math.pi * _uniform(len(angle), generator)
    sides = pair(_side(second_d, fourth.d, other)) + pair(_side(third_d, fourth.d, other - angle))
    last = (fourth.log_ratio + 2 * LEAST - sides) > _uniform(len(angle), generator).log()
    zero = torch.zeros_like(angle)
    radius = torch.stack([zero, second_d, third_d, fourth.d], dim=-1)[last]
    polar = torch.stack([zero, zero, angle, other], dim=-1)[last]
    return torch.stack([radius * polar.cos(), radius * polar.sin()], dim=-1)


def _side(a: Tensor, b: Tensor, angle: Tensor) -> Tensor:
    """Return the third side of a triangle with sides a and b and the angle between them."""
    return (a.square() + b.square() - 2 * a * b * angle.cos()).clamp_min(0).sqrt()


def _uniform(n: int, generator: torch.Generator) -> Tensor:
    return torch.rand(n, dtype=torch.float64, generator=generator)
