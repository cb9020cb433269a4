"""The cost of moving one sample on the line to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def costs(x: NDArray[np.float64], y: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """W_p^p = int_0^1 |F^-1(u) - G^-1(u)|^p du of each column, ``x: (n, K)``, ``y: (m, K)`` -> ``(K,)``, exactly.

    F and G: the columns' empirical distributions, whose quantiles are constant between multiples of 1/n and 1/m, the
    same for all columns (Villani 2003, theorem 2.18). ``order``: p, 1 or more.
    """
    n, m = len(x), len(y)
    # in units of 1 / (n m), whole numbers
    ends = np.union1d(m * np.arange(1, n + 1), n * np.arange(1, m + 1))
    widths = np.diff(ends, prepend=0) / (n * m)
    apart = np.sort(x, axis=0)[(ends - 1) // m] - np.sort(y, axis=0)[(ends - 1) // n]
    return widths @ np.abs(apart) ** order
