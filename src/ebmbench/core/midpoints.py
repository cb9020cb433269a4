"""The midpoint grid on which densities in one and two dimensions are integrated."""

from __future__ import annotations

import torch
from torch import Tensor


def midpoints(box: float, n: int, device: torch.device | str = "cpu", dim: int = 2) -> Tensor:
    """Return the ``(n^D, D)`` midpoints of n^D equal cells that tile [-box, box]^D, D = ``dim``.

    The first coordinate varies slowest; the type is float32.
    """
    axis = box * ((2 * torch.arange(n, device=device, dtype=torch.float64) + 1) / n - 1)
    return torch.cartesian_prod(*[axis] * dim).reshape(-1, dim).float()
