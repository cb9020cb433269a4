"""Optimal transport cost between samples on the line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sorted:
    """The columns of n rows, each in ascending order: ``values: (K, n)`` and their original ``places: (K, n)``."""

    values: NDArray[np.float64]
    places: NDArray[np.intp]

    @classmethod
    def of(cls, rows: NDArray[np.float64]) -> Sorted:
        """Sort the columns of ``rows: (n, K)``."""
        columns = np.ascontiguousarray(rows.T)
        places = np.argsort(columns, axis=1)
        return cls(np.take_along_axis(columns, places, axis=1), places)

    def __len__(self) -> int:
        return self.values.shape[1]

    def without(self, start: int, end: int) -> Sorted:
        """Return all rows except those from ``start`` to before ``end``, at their original places; needs no sort."""
        kept = (self.places < start) | (self.places >= end)
        shape = (len(self.values), len(self) - (end - start))
        return Sorted(self.values[kept].reshape(shape), self.places[kept].reshape(shape))


def costs(x: Sorted, y: Sorted, order: int) -> NDArray[np.float64]:
    """Return W_p^p = int_0^1 |F^-1(u) - G^-1(u)|^p du of each column of n and m rows, ``(K,)``, exactly.

    F and G: the columns' empirical distributions, whose quantiles are constant between multiples of 1/n and 1/m, the
    same for all columns (Villani 2003, theorem 2.18). ``order``: p, 1 or more.
    """
    n, m = len(x), len(y)
    # in units of 1 / (n m), so that they are integers
    ends = np.union1d(m * np.arange(1, n + 1), n * np.arange(1, m + 1))
    widths = np.diff(ends, prepend=0) / (n * m)
    apart = x.values[:, (ends - 1) // m] - y.values[:, (ends - 1) // n]
    return np.abs(apart) ** order @ widths
