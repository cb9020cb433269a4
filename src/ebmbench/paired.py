"""Two methods compared seed by seed: what both share, the rows and the batches of a seed, cancels."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ebmbench.tables import interval


class Paired(NamedTuple):
    """Mean difference, its standard error, its 95 % interval, and the number of pairs that they rest on."""

    mean: float
    stderr: float
    ci_low: float
    ci_high: float
    pairs: int


def paired(first: pd.Series, second: pd.Series) -> Paired:
    """m ± t_{0.975, n-1} s / sqrt(n), m and s the mean and standard deviation of the n differences first - second.

    Student (1908). Both are values by seed; a seed that one of them lacks, or has no value of, is in no pair. All
    but m are NaN for one pair, and m too for none. Raises ``ValueError`` for a seed that stands twice.
    """
    for values in (first, second):
        if not values.index.is_unique:
            raise ValueError(f"a seed stands twice: {values.index[values.index.duplicated()][0]}")
    differences = (first - second).dropna()
    of = interval(differences)
    return Paired(of.mean, of.stderr, of.mean - of.half, of.mean + of.half, len(differences))
