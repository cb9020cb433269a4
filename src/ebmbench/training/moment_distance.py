"""Distance of a distribution's means from target means, and the bound within which they count as equal."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.training.weighted_samples import WeightedSamples

#: 95 % quantile of the standard normal distribution
ONE_SIDED_95 = 1.645


class TargetMeans(NamedTuple):
    """Target means in the model's standardised statistics, ``value: (K,)``.

    ``radius``: how far from them, in the Euclidean norm, means may stay.
    """

    value: Tensor
    radius: float = 0.0


def distance(values: Tensor, distribution: WeightedSamples, means: TargetMeans) -> tuple[float, float]:
    """Compute the distance of the means from the target, and its 95 % bound if the true means are on target.

    Samples without a radius: d' S^-1 d and its chi-squared bound, which counts the error of these samples and of those
    from which the last step was found. Samples with a radius: |d|^2 minus its expected sampling error, and the squared
    radius plus its error. Exact distribution: the largest difference, or the excess of |d| over the radius, and no
    bound.
    """
    weights = distribution.log_weights.exp()
    d = weights @ values - means.value
    if distribution.exact:
        return float(d.abs().max() if means.radius == 0 else (d.norm() - means.radius).clamp(min=0)), 0.0
    centred = values - weights @ values
    covariance = centred.T @ (weights[:, None] * centred)
    return (
        _within(d, covariance, distribution.n_eff, means.radius)
        if means.radius
        else _equal(d, covariance, distribution.n_eff)
    )


def _equal(d: Tensor, covariance: Tensor, n_eff: float) -> tuple[float, float]:
    from scipy.stats import chi2

    found, rank = torch.linalg.pinv(covariance, rtol=1e-8, hermitian=True), torch.linalg.matrix_rank(covariance)
    return float(d @ found @ d), float(chi2.ppf(0.95, int(rank))) * 2 / n_eff


def _within(d: Tensor, covariance: Tensor, n_eff: float, radius: float) -> tuple[float, float]:
    distance = float(d.square().sum() - covariance.trace() / n_eff)
    error = math.sqrt(4 * float(d @ covariance @ d) / n_eff + 2 * float(covariance.square().sum()) / n_eff**2)
    return distance, radius**2 + ONE_SIDED_95 * error
