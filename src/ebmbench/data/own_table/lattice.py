"""Lattices of rounded values, and noise of one lattice step that gives them a continuous density."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

#: decimals up to which values are tried, and cells above which any float64 would be on the lattice
DECIMALS = 22
CELLS = 2**46
#: multiples of the spacing of float64 by which a value may miss its lattice point, as results of arithmetic do
ULPS = 4


def lattice_step(values: np.ndarray) -> float | None:
    """Return the largest step s such that all ``values: (N,)`` differ by multiples of s, a decimal fraction.

    None if there is no such step below :data:`DECIMALS` decimals and :data:`CELLS` cells, or only one value.
    """
    distinct = np.unique(values)
    for decimals in range(DECIMALS + 1):
        power = 10.0**decimals
        cells = np.rint(distinct * power)
        if np.abs(cells).max() > CELLS:
            return None
        if (np.abs(cells / power - distinct) <= ULPS * np.spacing(np.abs(distinct))).all():
            step = np.gcd.reduce(np.diff(cells).astype(np.int64)) if len(distinct) > 1 else 0
            return float(step / power) if step else None
    return None


def repeating_steps(rows: Tensor) -> Tensor:
    """Return the lattice step of each column of ``rows: (N, D)`` in which a value repeats, else 0: ``(D,)``.

    A value repeats if it occurs in two different rows; exact copies of rows say nothing of rounding.
    """
    import pandas as pd

    table = pd.DataFrame(rows.numpy())
    distinct = table[~table.duplicated()].to_numpy()
    repeats = [len(np.unique(column)) < len(column) for column in distinct.T]
    steps = [lattice_step(column) if again else None for column, again in zip(distinct.T, repeats, strict=True)]
    return torch.tensor([step or 0.0 for step in steps], dtype=rows.dtype)


def add_steps(rows: Tensor, steps: Tensor, generator: torch.Generator) -> Tensor:
    """Return x + (u - 1/2) s for ``x: (N, D)``, u ~ U(0, 1) per entry, s the ``steps: (D,)``.

    Rounding to the lattice gives x back.
    """
    return rows + steps * (torch.rand(rows.shape, dtype=rows.dtype, generator=generator) - 0.5)
