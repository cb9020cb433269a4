"""Means over seeds with variances moderated over the methods of a data set, for few seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.special import digamma, polygamma, stdtr

#: largest number of Newton steps for the inverse of the trigamma function, which needs about five
_STEPS = 50

#: degrees of freedom at which Student's distribution is the normal one
_NORMAL = 1e9


class Mean(NamedTuple):
    """A mean with the variance of its error and its degrees of freedom; NaN if the error is unknown."""

    value: float
    variance: float
    df: float


class Prior(NamedTuple):
    """Variance s0^2 with the weight of ``df`` degrees of freedom: 0 if it is unknown, infinite if all are equal."""

    variance: float
    df: float


K = TypeVar("K")


def moderated_means(values: Mapping[K, np.ndarray], errors: Mapping[K, np.ndarray]) -> dict[K, Mean]:
    """Return the mean of each group with the variance (d0 s0^2 + d s^2) / ((d0 + d) n), d = n - 1   (Smyth 2004).

    s0^2 and d0 are those of :func:`prior` over the groups with two values or more. ``errors``: Monte Carlo errors of
    the values, NaN if unknown, which count where no group has a spread.
    """
    spread = {key: (of.var(ddof=1), len(of) - 1.0) for key, of in values.items() if len(of) > 1}
    common = prior(list(spread.values()))
    return {key: _mean(of, errors[key], spread.get(key, (0.0, 0.0)), common) for key, of in values.items()}


def prior(spread: Sequence[tuple[float, float]]) -> Prior:
    """Fit s0^2 and d0 to variances and their degrees of freedom, by the mean and variance of log s^2.

    With e = log s^2 - digamma(d/2) + log(d/2), trigamma(d0/2) is the variance of e less the mean of trigamma(d/2), and
    log s0^2 = mean e + digamma(d0/2) - log(d0/2)   (Smyth 2004, section 6.2). Variances of 0 are left out.
    """
    known = np.array([(variance, df) for variance, df in spread if variance > 0])
    if len(known) < 2:
        return Prior(math.nan, 0.0)
    half = known[:, 1] / 2
    e = np.log(known[:, 0]) - digamma(half) + np.log(half)
    excess = float(e.var(ddof=1) - polygamma(1, half).mean())
    if excess <= 0:
        return Prior(math.exp(e.mean()), math.inf)
    half0 = _inverse_trigamma(excess)
    return Prior(math.exp(e.mean() + digamma(half0) - math.log(half0)), 2 * half0)


def shown_above(of: Mean, margin: float) -> float:
    """Return the one-sided p of Student's test that the mean is at most ``margin``; NaN if its error is unknown."""
    beyond = of.value - margin
    if math.isnan(of.variance):
        return math.nan
    if of.variance == 0:
        return float(beyond <= 0)
    return float(stdtr(min(of.df, _NORMAL), -beyond / math.sqrt(of.variance)))


def _mean(values: np.ndarray, errors: np.ndarray, spread: tuple[float, float], common: Prior) -> Mean:
    n, (variance, df) = len(values), spread
    if common.df == math.inf:
        variance, df = common.variance, math.inf
    elif df + common.df > 0:
        shared = common.df * common.variance if common.df else 0.0
        variance, df = (df * variance + shared) / (df + common.df), df + common.df
    else:
        return Mean(float(values.mean()), float((errors**2).mean()) / n, math.inf)
    return Mean(float(values.mean()), variance / n, df)


def _inverse_trigamma(value: float) -> float:
    """Solve trigamma(x) = value > 0 by Newton's method on 1 / trigamma, which is nearly linear (Smyth 2004)."""
    x = 0.5 + 1 / value
    for _ in range(_STEPS):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x
