"""Noise that gives rounded values a density."""

from __future__ import annotations

import torch
from torch import Tensor


def median_gap(rows: Tensor) -> Tensor:
    """``(D,)``: per column of ``rows: (N, D)``, the median gap between neighbouring distinct values.

    For an even number of gaps it is the mean of the two middle ones.
    """
    return torch.stack([column.unique().diff().quantile(0.5) for column in rows.T])


def between_neighbours(rows: Tensor, generator: torch.Generator) -> Tensor:
    """x + u g for ``x: (N, D)``, u ~ U(-1, 1) per entry, g the :func:`median_gap` of the column."""
    u = 2 * torch.rand(rows.shape, dtype=rows.dtype, generator=generator) - 1
    return rows + u * median_gap(rows)
