"""How two sides of a claim are told apart: each test gives an estimate of their difference with an interval."""

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
    """This side less the other, its interval, the pairs that it rests on, and those that a missing value takes out."""

    value: float
    low: float
    high: float
    pairs: int
    lost: int


#: (both sides, whether their logarithms are compared, level of the interval) -> difference
Test = Callable[[Evidence, bool, float], Difference]


def paired(both: Evidence, log: bool, level: float) -> Difference:
    """m ± t_{1 - level/2, n-1} s / sqrt(n) of the n differences; without bounds for one pair.

    Student (1908).
    """
    d, lost = _differences(both, log)
    of = interval(d, level)
    return Difference(of.mean, of.mean - of.half, of.mean + of.half, len(d), lost)


def normal(both: Evidence, log: bool, level: float) -> Difference:
    """m ± z_{1 - level/2} sqrt(sum_i s_i^2 + r_i^2) / n, from the standard errors s, r of each value of both sides.

    For values that are means already. Raises ``ValueError`` where logarithms are asked for: their errors are not known.
    """
    if log:
        raise ValueError("claims: test normal compares values, not logarithms")
    d, lost = _differences(both, log)
    value, squares = float(d.mean()) if len(d) else math.nan, (both.this.stderrs**2 + both.other.stderrs**2)
    half = -float(ndtri(level / 2)) * math.sqrt(squares[both.kept].sum(skipna=False)) / max(len(d), 1)
    return Difference(value, value - half, value + half, len(d), lost)


def numbers(both: Evidence, log: bool, level: float) -> Difference:
    """The mean difference, taken for exact: for integrals, and for values whose other side is a quantile already."""
    d, lost = _differences(both, log)
    value = float(d.mean()) if len(d) else math.nan
    return Difference(value, value, value, len(d), lost)


TESTS: dict[str, Test] = {"paired": paired, "normal": normal, "numbers": numbers}


def _differences(both: Evidence, log: bool) -> tuple[pd.Series, int]:
    this, other = (np.log(side.values) if log else side.values for side in (both.this, both.other))
    difference = this - other
    return difference[both.kept], len(difference) - int(both.kept.sum())
