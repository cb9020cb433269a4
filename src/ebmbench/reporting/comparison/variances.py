"""Variances between seeds, moderated over the methods of a data set: three seeds that happen to agree prove little."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, digamma, fdtri, polygamma

#: confidence of the upper bound of the spread of log variances
_CONFIDENCE = 0.8

#: an excess of the spread of log variances over chance below which variances count as equal
_EQUAL = 1e-6

#: degrees of freedom of the prior that are not counted, since its scale is an estimate: with all of them a best method
#: with a tenth of the other methods' standard deviation is left out of 5.8 instead of 5 of 100 groups (n = 3)
_UNCOUNTED = 0.5


class Prior(NamedTuple):
    """Distribution of the methods' variances: 1 / sigma^2 ~ chi^2_df / (df scale)."""

    df: float
    scale: float


class Moderated(NamedTuple):
    """Variances with their degrees of freedom, both ``(K,)``."""

    variances: np.ndarray
    df: np.ndarray


def moderated(variances: np.ndarray, df: np.ndarray) -> Moderated:
    """Raise sample variances s_i^2 with d_i degrees of freedom towards the prior s_0^2, d_0 of their data set.

    Smyth (2004): (d_i s_i^2 + d_0 s_0^2) / (d_i + d_0), with d_i + d_0 degrees of freedom, at most the sum of all d.
    Both arguments and results are ``(K,)``. A variance that this would lower keeps its value: methods differ in
    their spread, and one that varies more than the others would be left out by chance too often.
    """
    prior = prior_of(variances, df)
    if prior.df == 0:
        return Moderated(variances, df)
    share = 1.0 if math.isinf(prior.df) else prior.df / (df + prior.df)
    posterior = share * prior.scale + (1 - share) * variances
    return Moderated(np.maximum(variances, posterior), np.minimum(df + prior.df, df.sum()))


def prior_of(variances: np.ndarray, df: np.ndarray) -> Prior:
    """Estimate the prior by the method of moments from the spread of log variances, with a cautious ``df``.

    log s_i^2 has the variance trigamma(d_i / 2) by chance, plus trigamma(d_0 / 2) (Smyth 2004). A few methods say
    little about it, so an upper 80 % bound takes its place, as if log variances were normal, and half a degree of
    freedom is not counted. The scale matches the median of the variances, so that a few methods of another order of
    magnitude do not move it. Variances of 0 are left out; with fewer than two others there is no prior, ``df`` 0.
    """
    known = variances > 0
    s2, d = variances[known], df[known]
    if len(s2) < 2:
        return Prior(0.0, math.nan)
    logs = np.log(s2) - digamma(d / 2) + np.log(d / 2)
    free = len(s2) - 1
    # chdtri takes the upper tail: a low quantile of chi^2 bounds the spread from above
    bound = float(logs.var(ddof=1)) * free / float(chdtri(free, _CONFIDENCE))
    excess = bound - float(polygamma(1, d / 2).mean())
    if excess <= _EQUAL:
        return Prior(math.inf, float(np.median(s2 * d / chdtri(d, 0.5))))
    prior = 2 * inverse_trigamma(excess)
    return Prior(max(0.0, prior - _UNCOUNTED), float(np.median(s2 / fdtri(d, prior, 0.5))))


def inverse_trigamma(y: float) -> float:
    """Return x with trigamma(x) = y > 0, trigamma the second derivative of log Gamma."""
    # a third of a second, which only data sets with several seeds need
    from scipy.optimize import brentq

    # 1 / x < trigamma(x) < 1 / x + 1 / x^2
    low, high = 1 / y, (1 + math.sqrt(1 + 4 * y)) / (2 * y)
    return float(brentq(lambda x: float(polygamma(1, x)) - y, low, high, xtol=1e-12 * high))
