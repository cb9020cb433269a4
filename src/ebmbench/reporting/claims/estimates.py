"""Tests between the two sides of a claim: each estimates their difference with an interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ebmbench.reporting.claims.evidence import Evidence
from ebmbench.reporting.comparison.tables import interval


class Difference(NamedTuple):
    """This side minus the other, its interval, the number of pairs, and of pairs lost to a missing value."""

    value: float
    low: float
    high: float
    pairs: int
    lost: int


#: (both sides, whether to compare logarithms, level of the interval) -> difference
Test = Callable[[Evidence, bool, float], Difference]


def paired(both: Evidence, log: bool, level: float) -> Difference:
    """Return m ± t_{1 - level/2, n-1} s / sqrt(n) of the n differences; the bounds are NaN for one pair.

    Student (1908).
    """
    d, lost = _differences(both, log)
    of = interval(d, level)
    return Difference(of.mean, of.mean - of.half, of.mean + of.half, len(d), lost)


def normal(both: Evidence, log: bool, level: float) -> Difference:
    """Return m ± z_{1 - level/2} sqrt(sum_i s_i^2 + r_i^2) / n, with s and r the standard errors of both sides' values.

    For values that are already means. Raises ``ValueError`` for logarithms, whose errors are not known.
    """
    if log:
        raise ValueError("claims: test normal compares values, not logarithms")
    d, lost = _differences(both, log)
    value, squares = float(d.mean()) if len(d) else math.nan, (both.this.stderrs**2 + both.other.stderrs**2)
    half = -float(ndtri(level / 2)) * math.sqrt(squares[both.kept].sum(skipna=False)) / max(len(d), 1)
    return Difference(value, value - half, value + half, len(d), lost)


def numbers(both: Evidence, log: bool, level: float) -> Difference:
    """Return the mean difference, treated as exact: for integrals, and if the other side is already a quantile."""
    d, lost = _differences(both, log)
    value = float(d.mean()) if len(d) else math.nan
    return Difference(value, value, value, len(d), lost)


TESTS: dict[str, Test] = {"paired": paired, "normal": normal, "numbers": numbers}


def _differences(both: Evidence, log: bool) -> tuple[pd.Series, int]:
    this, other = (np.log(side.values) if log else side.values for side in (both.this, both.other))
    difference = this - other
    return difference[both.kept], len(difference) - int(both.kept.sum())
