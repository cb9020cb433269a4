"""The effect of a seed on all methods, such as that of its test examples: estimated, shrunk, and removed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import fdtri

#: an effect is removed as far as it exceeds this quantile of what chance makes of it
_QUANTILE = 0.95

#: rounds of effect, variances and means given each other; they settle in about five
_ROUNDS = 8

_TINY = float(np.finfo(float).tiny)


class WithoutSeedEffect(NamedTuple):
    """``values: (K, S)`` without the effect, what the variances about their means ``kept: (K,)``, and its variance.

    Removing an estimate that method i is part of makes the sample variance of i too small by the factor ``kept``,
    and leaves it as much smaller a part of its degrees of freedom.
    """

    values: np.ndarray
    kept: np.ndarray
    variance: float


def without_seed_effect(values: np.ndarray) -> WithoutSeedEffect:
    """Subtract c b_s from ``values: (K, S)``, K methods by S seeds, NaN where a run has no value.

    The model is y_is = mu_i + b_s + e_is. b_s is the mean of the residuals at seed s with weights 1 / v_i, v_i the
    method's own variance or, if larger, the median over methods, so that no method is the effect on its own; it is 0
    for seeds of one method. The shrinkage c = max(0, 1 - F N / B) compares the variance B of b over seeds with the
    variance N that the e alone give it; F is the 95 % quantile of the F distribution with S - 1 and n - K - (S - 1)
    degrees of freedom for n runs at S seeds of several methods. c is 0 unless the shared effect is significant, and
    near 1 where it dominates: then methods are in effect compared in pairs by seed.
    """
    have = ~np.isnan(values)
    runs = have.sum(axis=1)
    several = have.sum(axis=0) > 1
    free = int(runs.sum()) - len(values) - (several.sum() - 1)
    if several.sum() < 2 or free < 1:
        return WithoutSeedEffect(values, np.ones(len(values)), 0.0)
    chance = fdtri(several.sum() - 1, free, _QUANTILE)
    # the first round removes all of it, so that noise is judged by what no effect can explain
    weights, c = _weights(np.ones(len(values)), have & several), 1.0
    effect = _effect(values, np.nanmean(values, axis=1, keepdims=True), weights)
    for _ in range(_ROUNDS):
        left = values - c * effect
        mean = np.nanmean(left, axis=1, keepdims=True)
        own = np.nansum((left - mean) ** 2, axis=1) / (runs - 1) / _kept(c, weights, runs)
        noise = (weights**2 * own[:, None]).sum(axis=0)[several].mean()
        found = (effect**2).sum() / (several.sum() - 1)
        c = max(0.0, 1 - chance * noise / found) if found > 0 else 0.0
        weights = _weights(np.maximum(own, max(float(np.median(own)), _TINY)), have & several)
        effect = _effect(values, mean, weights)
    variance = c * (effect**2).sum() / (several.sum() - 1)
    return WithoutSeedEffect(values - c * effect, _kept(c, weights, runs), variance)


def _weights(variances: np.ndarray, have: np.ndarray) -> np.ndarray:
    """Return weights inverse to ``variances``, with sum 1 at each seed that has runs of several methods."""
    of = have / variances[:, None]
    return of / np.where(of.any(axis=0), of.sum(axis=0), 1.0)


def _effect(values: np.ndarray, mean: np.ndarray, weights: np.ndarray) -> np.ndarray:
    of = (weights * np.nan_to_num(values - mean)).sum(axis=0)
    used = weights.any(axis=0)
    return np.where(used, of - of[used].mean(), 0.0)


def _kept(c: float, weights: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Return E (e_i - c b)^2 / E e_i^2 for an effect b that is the mean of the e with ``weights``, inverse to E e^2."""
    return 1 - c * (2 - c) * weights.sum(axis=1) / runs
