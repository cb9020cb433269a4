"""Means over correlated samples, with errors that account for the correlation."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor


class CorrelatedMean(NamedTuple):
    """A mean and its Monte-Carlo standard error."""

    value: float
    stderr: float


def over_chains(values: Tensor) -> CorrelatedMean:
    """Compute the mean of ``values: (n, C)``, n samples of C independent chains, and its error from the C chain means.

    However slowly a chain moves, its mean is independent of the others; the error misses effects that all chains share,
    such as a start far from the target.
    """
    means = values.double().mean(0)
    return CorrelatedMean(float(means.mean()), float(means.std()) / math.sqrt(len(means)))


def over_populations(values: Tensor, log_weights: Tensor, log_z: Tensor) -> CorrelatedMean:
    """Compute the self-normalised mean over P weighted populations of N particles.

    ``values`` and ``log_weights: (P, N)``; m = sum_p Z_p m_p / sum_p Z_p with m_p the weighted mean of population p and
    Z_p = exp(``log_z``). Populations are independent, so by the delta method the error is that of the mean of
    Z_p (m_p - m) over mean Z.
    """
    means = (log_weights.softmax(1) * values.double()).sum(1)
    shares = log_z.double().softmax(0)
    value = float((shares * means).sum())
    residuals = len(shares) * shares * (means - value)
    return CorrelatedMean(value, float(residuals.std()) / math.sqrt(len(shares)))
