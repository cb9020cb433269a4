"""Comparison of two groups of times of which some were not reached."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.special import comb
from scipy.stats import norm, rankdata

#: the largest number of splits of both groups that is enumerated
_SPLITS = 20_000


def first_to_reach(this: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Return P(this is first) - P(other is first) over all pairs, and the one-sided p-values of either being first.

    Gehan's (1965) score for times censored at a common end: infinity stands for a time that was not reached, is later
    than any other, and equal to itself. The p-values are exact over all splits of the pooled times into groups of these
    sizes, or normal with the variance for ties if there are more than 20,000 splits.
    """
    n, m = len(this), len(other)
    if not n or not m:
        return math.nan, 1.0, 1.0
    ranks = rankdata(np.concatenate([this, other]))
    total = float(ranks[:n].sum())
    effect = 1 - 2 * (total - n * (n + 1) / 2) / (n * m)
    return effect, *_p_values(ranks, n, total)


def smallest_p(n: int) -> float:
    """Return the smallest one-sided p of two groups of ``n`` times, that of complete separation."""
    return 1 / float(comb(2 * n, n))


def _p_values(ranks: np.ndarray, n: int, total: float) -> tuple[float, float]:
    size = len(ranks)
    if comb(size, n) <= _SPLITS:
        sums = np.array([ranks[list(chosen)].sum() for chosen in itertools.combinations(range(size), n)])
        # sums of ranks are multiples of a half
        return float((sums <= total + 0.25).mean()), float((sums >= total - 0.25).mean())
    variance = n * (size - n) / size * ranks.var(ddof=1)
    z = (total - ranks.mean() * n) / math.sqrt(variance) if variance else 0.0
    return float(norm.cdf(z)), float(norm.sf(z))
