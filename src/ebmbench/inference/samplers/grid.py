"""Exact sampling of a density given on a grid of cells."""

from __future__ import annotations

import torch
from torch import Tensor


def draw(points: Tensor, log_mass: Tensor, widths: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Draw ``(n, D)`` samples: a cell by its mass, with the inverse distribution function, then uniform in the cell.

    ``points: (G, D)`` midpoints, ``log_mass: (G,)`` up to a constant, ``widths: (G,)`` sides of the cells. The samples
    follow the piecewise constant density: each variance is too large by width^2 / 12.
    """
    mass = (log_mass - log_mass.max()).exp().cumsum(0)
    uniform = torch.rand(n, generator=generator, device=points.device, dtype=mass.dtype) * mass[-1]
    chosen = torch.searchsorted(mass, uniform).clamp(max=len(points) - 1)
    jitter = torch.rand(n, points.shape[1], generator=generator, device=points.device) - 0.5
    return points[chosen] + widths[chosen, None] * jitter
