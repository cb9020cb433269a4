"""The grid of equal cells on which densities in one and two dimensions are summed."""

from __future__ import annotations

import torch
from torch import Tensor


def midpoints(box: float, n: int, device: torch.device | str = "cpu", dim: int = 2) -> Tensor:
    """``(n^D, D)`` midpoints of n^D cells that tile [-box, box]^D, D = ``dim``, first coordinate slowest, float32."""
    axis = box * ((2 * torch.arange(n, device=device, dtype=torch.float64) + 1) / n - 1)
    return torch.cartesian_prod(*[axis] * dim).reshape(-1, dim).float()
