"""Bayesian signed-rank test with a region of practical equivalence (Benavoli et al. 2014, 2017)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

#: weight of the prior's single observation, which is no difference
PRIOR = 0.5

#: samples from the posterior
SAMPLES = 20_000

#: larger differences are as good as infinite, but their sums are still numbers
_LARGEST = 1e300


class Posterior(NamedTuple):
    """Probabilities that a typical difference is above the region of equivalence, inside or below; their sum is 1."""

    better: float
    equivalent: float
    worse: float


def signed_rank(differences: np.ndarray, margin: float, seed: int = 0) -> Posterior:
    """Return the posterior of a difference from its values on n data sets: ``(n,)``, infinite ones included.

    A Dirichlet process with prior weight :data:`PRIOR` at 0 gives weights w ~ Dirichlet(prior, 1, ..., 1) of the
    values d_0 = 0, d_1, ..., d_n, and the fractions

        sum_ij w_i w_j [(d_i + d_j) / 2 > margin],   sum_ij w_i w_j [|d_i + d_j| / 2 <= margin]   and the rest.

    Each probability is that of its fraction being the largest, by seeded Monte Carlo with a standard error of at most
    .0035. Two methods without a result differ by 0.
    """
    values = np.clip(np.nan_to_num(differences, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST), -_LARGEST, _LARGEST)
    values = np.concatenate([[0.0], values])
    mean = (values[:, None] + values[None, :]) / 2
    weights = _weights(len(values), seed)
    regions = (mean > margin, np.abs(mean) <= margin, mean < -margin)
    fractions = np.stack([np.einsum("si,si->s", weights @ region.astype(float), weights) for region in regions])
    return Posterior(*(np.bincount(fractions.argmax(axis=0), minlength=len(regions)) / SAMPLES))


@cache
def _weights(n: int, seed: int) -> np.ndarray:
    """Draw the weights of n values, of which the first is the prior's: ``(SAMPLES, n)``, the same for all pairs."""
    prior = np.ones(n)
    prior[0] = PRIOR
    return np.random.default_rng(seed).dirichlet(prior, size=SAMPLES)
