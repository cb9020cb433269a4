"""Dequantisation: noise that gives rounded values a continuous density."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.data.columns import covariance_factor


class Dequantisation(NamedTuple):
    """Dequantisation noise: ``statement`` describes it; ``add`` maps rows ``(N, D)`` and a generator to noisy rows."""

    statement: str
    add: Callable[[Tensor, torch.Generator], Tensor]


def median_gap(rows: Tensor) -> Tensor:
    """Compute ``(D,)``, the median gap between neighbouring distinct values in each column of ``rows: (N, D)``.

    For an even number of gaps it is the mean of the two middle ones.
    """
    return torch.stack([column.unique().diff().quantile(0.5) for column in rows.T])


def between_neighbours(rows: Tensor, generator: torch.Generator) -> Tensor:
    """Return x + u g for ``x: (N, D)``, u ~ U(-1, 1) per entry, g the :func:`median_gap` of the column.

    Raises :class:`~ebmbench.data.columns.ColumnError` if the covariance of the rows is singular.
    """
    # the noise would hide it: a copy of a column would have a density, one that depends on the copy's own gaps alone
    covariance_factor(rows)
    u = 2 * torch.rand(rows.shape, dtype=rows.dtype, generator=generator) - 1
    return rows + u * median_gap(rows)


def upwards(rows: Tensor, generator: torch.Generator, step: Tensor | float = 1.0) -> Tensor:
    """Return x + u s for ``x: (N, D)``, u ~ U(0, 1) per entry, s the ``step`` per column, ``(D,)`` or a scalar."""
    return rows + step * torch.rand(rows.shape, dtype=rows.dtype, generator=generator)


BETWEEN_NEIGHBOURS = Dequantisation(
    "U(-1, 1) times the column's median gap, drawn once for all seeds", between_neighbours
)
NONE = Dequantisation("none", lambda rows, _: rows)
