"""A step from 0 to 1 that is twice differentiable and complete within three units."""

from __future__ import annotations

import torch
from torch import Tensor


def step(u: Tensor) -> Tensor:
    """Return S(u): 0 below -3/2, 1 above 3/2, in between the integral of the quadratic B-spline with unit knots.

    So S(u) - S(u - 1) is the cubic B-spline: bins smoothed over their own width.
    """
    v = (u + 1.5).clamp(0, 3)
    return (v**3 - 3 * (v - 1).relu() ** 3 + 3 * (v - 2).relu() ** 3) / 6


def slope(u: Tensor) -> Tensor:
    """Return S'(u)."""
    v = (u + 1.5).clamp(0, 3)
    return (v**2 - 3 * (v - 1).relu() ** 2 + 3 * (v - 2).relu() ** 2) / 2


def bend(u: Tensor) -> Tensor:
    """Return S''(u)."""
    v = (u + 1.5).clamp(0, 3)
    return v - 3 * (v - 1).relu() + 3 * (v - 2).relu()


def between(below: Tensor) -> Tensor:
    """Return the masses of J bins: the mass ``below`` each edge, ``(..., J)``, minus that below the previous edge."""
    return torch.diff(below, dim=-1, prepend=torch.zeros_like(below[..., :1]))
