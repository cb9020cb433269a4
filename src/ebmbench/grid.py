"""The square grid on which two-dimensional densities are summed."""

from __future__ import annotations

import torch
from torch import Tensor


def midpoints(box: float, n: int, device: torch.device | str = "cpu") -> Tensor:
    """``(n^2, 2)`` midpoints of n x n squares that tile [-box, box]^2, first coordinate slowest, float32."""
    axis = box * ((2 * torch.arange(n, device=device, dtype=torch.float64) + 1) / n - 1)
    return torch.cartesian_prod(axis, axis).float()
