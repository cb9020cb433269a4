"""Whether samples repeat the training set: are they nearer to it than new data are?"""

from __future__ import annotations

import math

import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate


def nearest_distances(x: Tensor, train: Tensor) -> Tensor:
    """Return the Euclidean distance of each row of ``x: (n, F)`` to its nearest row of ``train: (N, F)``, ``(n,)``."""
    # a tree is slower in as many dimensions as features have
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(train.double().numpy())
    return torch.from_numpy(found.kneighbors(x.double().numpy())[0][:, 0])


def copying(samples: Tensor, held_out: Tensor, n_eff: float) -> Estimate:
    """Compute P(a < b) + P(a = b) / 2, a, b: distances of samples and of held-out data to the nearest training data.

    ``samples: (n,)``, ``held_out: (m,)``: from :func:`nearest_distances`. It is 1/2 for new samples of the data's
    distribution, above for a model that repeats its training data, and below for one that is far from all data, which
    may hide copies. It is the Mann-Whitney statistic over n m, of the data-copying test of Meehan, Chaudhuri and
    Dasgupta (2020) without its cells. stderr: DeLong et al. (1988), where n samples are worth ``n_eff`` independent
    ones; for given training data. NaN for fewer than two distances, and for samples worth less than one.
    """
    n, m = len(samples), len(held_out)
    if min(n, m) < 2 or n_eff < 1:
        return Estimate(math.nan, math.nan, n)
    of_samples, of_held_out = 1 - _placements(samples, held_out), _placements(held_out, samples)
    variance = float(of_samples.var()) / min(n, n_eff) + float(of_held_out.var()) / m
    return Estimate(float(of_samples.mean()), math.sqrt(variance), n)


def _placements(a: Tensor, b: Tensor) -> Tensor:
    """Return for each of ``a: (n,)`` the fraction of ``b: (m,)`` below it, ties as half, ``(n,)``."""
    ordered = b.sort().values
    below, up_to = (torch.searchsorted(ordered, a, right=right) for right in (False, True))
    return (below + up_to).double() / (2 * len(b))
