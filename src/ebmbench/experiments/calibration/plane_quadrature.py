"""Midpoint sums over a square of the plane, and samples from its cells."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.inference.samplers import grid
from ebmbench.models.interface import Density

#: nats below the largest mass of a cell from which on cells get no samples
DEPTH = 40.0

#: number of points that are evaluated at once, to bound the memory
BLOCK = 65_536


class PlaneGrid(NamedTuple):
    """Midpoints ``(C, 2)`` and the log of each cell's mass ``(C,)``, float64, and the cells' side."""

    points: Tensor
    log_mass: Tensor
    side: float

    @property
    def log_z(self) -> float:
        """Log of the total mass, in nats."""
        return float(self.log_mass.logsumexp(0))

    def mean(self, values: Tensor) -> Tensor:
        """Compute the mean of ``values: (C, ...)``, weighted by mass."""
        return self.log_mass.softmax(0) @ values

    def likely(self) -> PlaneGrid:
        """Return the cells whose mass is at least e^-40 times the largest, enough to draw samples from."""
        chosen = self.log_mass > self.log_mass.max() - DEPTH
        return PlaneGrid(self.points[chosen], self.log_mass[chosen], self.side)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n, 2)`` samples: a cell by its mass, then uniform in the cell."""
        return grid.draw(self.points, self.log_mass, torch.full_like(self.log_mass, self.side), n, generator)


@torch.no_grad()
def quadrature(model: Density, box: float, cells: int) -> PlaneGrid:
    """Compute the density of ``model``, in float64, at the midpoints of ``cells`` x ``cells`` squares of [-box, box]^2.

    For a smooth density on a square that holds it, midpoint sums converge faster than any power of the side.
    """
    side = 2 * box / cells
    axis = side * (torch.arange(cells, dtype=torch.float64) + 0.5) - box
    points = torch.cartesian_prod(axis, axis)
    density = torch.cat([model.log_density(block) for block in points.split(BLOCK)])
    return PlaneGrid(points, density + 2 * math.log(side), side)
