"""Means over seeds with variances moderated over the methods of a data set, for few seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.special import stdtr

from ebmbench.reporting.comparison.variances import moderated

#: degrees of freedom at which Student's distribution is the normal one
_NORMAL = 1e9


class Mean(NamedTuple):
    """A mean with the variance of its error and its degrees of freedom; NaN if the error is unknown."""

    value: float
    variance: float
    df: float


K = TypeVar("K")


def moderated_means(values: Mapping[K, np.ndarray], errors: Mapping[K, np.ndarray]) -> dict[K, Mean]:
    """Return the mean of each group, with the variance between its values moderated over the groups.

    Groups with two values or more have the variances of :func:`~.variances.moderated`, divided by n. A single value has
    its Monte Carlo error, in ``errors``, NaN if unknown.
    """
    several = [key for key, of in values.items() if len(of) > 1]
    variances = np.array([values[key].var(ddof=1) for key in several])
    found = moderated(variances, np.array([len(values[key]) - 1.0 for key in several]))
    between = dict(zip(several, zip(found.variances, found.df, strict=True), strict=True))
    return {key: _mean(of, *between.get(key, (float(errors[key][0] ** 2), math.inf))) for key, of in values.items()}


def shown_above(of: Mean, margin: float) -> float:
    """Return the one-sided p of Student's test that the mean is at most ``margin``; NaN if its error is unknown."""
    beyond = of.value - margin
    if math.isnan(of.variance):
        return math.nan
    if of.variance == 0:
        return float(beyond <= 0)
    return float(stdtr(min(of.df, _NORMAL), -beyond / math.sqrt(of.variance)))


def _mean(values: np.ndarray, variance: float, df: float) -> Mean:
    return Mean(float(values.mean()), float(variance) / len(values), float(df))
