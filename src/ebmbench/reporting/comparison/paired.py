"""Paired comparison of two methods, seed by seed: the data and batches that both share at a seed cancel."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ebmbench.reporting.comparison.intervals import TAIL, interval


class Paired(NamedTuple):
    """Mean difference, its standard error, its 95 % interval, and the number of pairs."""

    mean: float
    stderr: float
    ci_low: float
    ci_high: float
    pairs: int

    @property
    def p(self) -> float:
        """Return the two-sided p of the paired t-test of no difference; NaN for fewer than two pairs.

        Without spread between the differences it is 1 if they are 0, and 0 otherwise.
        """
        if self.pairs < 2:
            return math.nan
        if self.stderr == 0:
            return float(self.mean == 0)
        return 2 * float(stdtr(self.pairs - 1, -abs(self.mean) / self.stderr))

    def columns(self, name: str) -> dict[str, float]:
        """Return table columns: the mean as ``name``, error and interval with ``name`` as prefix."""
        return {
            name: self.mean,
            f"{name}_stderr": self.stderr,
            f"{name}_ci_low": self.ci_low,
            f"{name}_ci_high": self.ci_high,
        }


def paired(first: pd.Series, second: pd.Series) -> Paired:
    """Return m ± t_{0.975, n-1} s / sqrt(n), with m and s the mean and sd of the n differences first - second.

    Student (1908). Both are values indexed by seed; a seed that one of them lacks, or has no value for, is in no
    pair. For one pair all but m are NaN; for none m is NaN too. Raises ``ValueError`` for a duplicate seed.
    """
    for values in (first, second):
        if not values.index.is_unique:
            raise ValueError(f"duplicate seed: {values.index[values.index.duplicated()][0]}")
    differences = (first - second).dropna()
    of = interval(differences)
    return Paired(of.mean, of.stderr, of.mean - of.half, of.mean + of.half, len(differences))


def bootstrapped(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """Return the 95 % bootstrap percentile interval of the mean of first - second; NaN for fewer than two pairs.

    Efron and Tibshirani (1993), 9,999 resamples of the pairs from a fixed seed. It does not assume a normal
    distribution, but its coverage is too low for few pairs: measured on normal differences, 76 % with three pairs,
    84 % with five, 93 % with twenty.
    """
    from scipy.stats import bootstrap

    d = (first - second).dropna().to_numpy()
    if len(d) < 2:
        return math.nan, math.nan
    if (d == d[0]).all():
        return float(d[0]), float(d[0])
    found = bootstrap((d,), np.mean, confidence_level=1 - TAIL, method="percentile", rng=0)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


class Ratio(NamedTuple):
    """Ratio of two means, its 95 % interval, and the number of pairs."""

    value: float
    ci_low: float
    ci_high: float
    pairs: int


def ratio(numerator: pd.Series, denominator: pd.Series) -> Ratio:
    """Return n̄ / d̄ of values by seed, with the set of r for which a paired t-test does not reject n̄ = r d̄ at .05.

    Fieller (1954). The bounds are NaN if that set is not an interval: with one pair, or if d̄ itself is not
    significantly different from 0. The value is NaN without a pair.
    """
    both = pd.concat([numerator, denominator], axis="columns", join="inner").dropna()
    pairs = len(both)
    if pairs < 2:
        value = float(both.iloc[0, 0] / both.iloc[0, 1]) if pairs else math.nan
        return Ratio(value, math.nan, math.nan, pairs)
    n, d = both.mean()
    covariance = both.cov().to_numpy() * float(stdtrit(pairs - 1, 1 - TAIL / 2)) ** 2 / pairs
    a, b, c = d * d - covariance[1, 1], n * d - covariance[0, 1], n * n - covariance[0, 0]
    if a <= 0:
        return Ratio(n / d, math.nan, math.nan, pairs)
    root = math.sqrt(max(0.0, b * b - a * c))
    return Ratio(n / d, (b - root) / a, (b + root) / a, pairs)
