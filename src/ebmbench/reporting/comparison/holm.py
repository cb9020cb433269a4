"""Several tests at once."""

from __future__ import annotations

import numpy as np


def adjusted(p: np.ndarray) -> np.ndarray:
    """max_{j <= i} min(1, (m - j + 1) p_(j)) of the i-th smallest of m p-values, in the order given: (m,) to (m,).

    Holm (1979). Rejecting where it is at most a level errs anywhere with at most that probability.
    """
    # statsmodels' multipletests says the same, but collects garbage at each call: .2 s in a process that holds torch
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.arange(len(p), 0, -1) * p[order])
    found = np.empty(len(p))
    found[order] = np.maximum.accumulate(stepped)
    return found
