"""The level of tests between methods, and the adjustment of p-values for multiple tests."""

from __future__ import annotations

import math

import numpy as np

#: level of every test, and of the critical difference
LEVEL = 0.05

Method = tuple[str, str, str]


def holm_adjusted(p: np.ndarray) -> np.ndarray:
    """Adjust p-values for multiple tests: max_{j <= i} min(1, (m - j + 1) p_(j)) for the i-th smallest of m.

    ``p: (m,)`` -> ``(m,)`` in the same order (Holm 1979). Rejecting where the result is at most a level makes any false
    rejection at most that probable. A NaN is no test: it stays NaN and is not among the m.
    """
    # statsmodels' multipletests gives the same, but collects garbage at each call: .2 s in a process that holds torch
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    stepped = np.minimum(1.0, np.arange(len(order), 0, -1) * p[order])
    found = np.full(len(p), math.nan)
    found[order] = np.maximum.accumulate(stepped)
    return found
