"""Distances between two sets of images in a network's feature space."""

from __future__ import annotations

import math

import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.fidelity import torch_fidelity
from ebmbench.evaluation.metrics.jackknife import Jackknifed, jackknife, jackknifed

#: number of subsets of the kernel distance, and images per subset
SUBSETS, SUBSET = 25, 1000

#: images per side for precision and recall, and the neighbour whose distance is the radius of an image's ball
MANIFOLD, NEIGHBOUR = 5000, 3

#: the neighbour whose distance is the radius of an image's ball for coverage
COVERED = 5


def frechet_distance(x: Tensor, y: Tensor) -> Estimate:
    """Compute |m_x - m_y|^2 + tr(S_x + S_y - 2 (S_x S_y)^1/2) of features   (Heusel et al. 2017).

    ``x: (n, F)``, ``y: (m, F)``; m, S: means and covariances, by torch-fidelity. Biased upwards by sampling, strongly
    if n < 2 F. stderr: delete-a-block jackknife, for rows in random order; NaN with fewer than 20 rows per side.
    """
    return jackknife(_frechet, x.double(), y.double())


def frechet_distances(x: Tensor, y: Tensor) -> Jackknifed:
    """Compute :func:`frechet_distance`, and its extrapolation to infinite n and m   (Chong & Forsyth 2020).

    The extrapolation is linear in 1 / n and 1 / m, by the jackknife's own parts; it may be negative.
    """
    return jackknifed(_frechet, x.double(), y.double())


def kernel_distance(x: Tensor, y: Tensor) -> Estimate:
    """Compute the unbiased squared MMD of features with kernel (x'y / F + 1)^3   (Binkowski et al. 2018).

    Mean over 25 subsets of 1,000 images, or of the size of the smaller side, by torch-fidelity. stderr: the subsets'
    standard deviation times (size / n + 1 / 25)^1/2, n the smaller side; too large if the two distributions are nearly
    equal.
    """
    n = min(len(x), len(y))
    size = min(SUBSET, n)
    if size <= 1:
        return Estimate(math.nan, math.nan, len(x))
    of = torch_fidelity("torch_fidelity.metric_kid")
    asked = {"kid_subsets": SUBSETS, "kid_subset_size": size, "verbose": False}
    found = of.kid_features_to_metric(x.double(), y.double(), **asked)
    spread = found[of.KEY_METRIC_KID_STD] * math.sqrt(size / n + 1 / SUBSETS)
    return Estimate(found[of.KEY_METRIC_KID_MEAN], spread, len(x))


def precision_recall(x: Tensor, y: Tensor) -> tuple[Estimate, Estimate]:
    """Compute the fraction of x in the balls of y and of y in the balls of x   (Kynkaanniemi et al. 2019).

    A ball around an image has the distance to its 3rd neighbour as radius. By torch-fidelity; x generated, y real, at
    most 5,000 per side. stderr: that of a fraction, for fixed balls.
    """
    x, y = x[:MANIFOLD].double(), y[:MANIFOLD].double()
    if min(len(x), len(y)) <= NEIGHBOUR:
        nothing = Estimate(math.nan, math.nan, len(x))
        return nothing, nothing
    of = torch_fidelity("torch_fidelity.metric_prc")
    found = of.prc_features_to_metric(x, y, prc_neighborhood=NEIGHBOUR, save_cpu_ram=True, verbose=False)
    return _share(found[of.KEY_METRIC_PRECISION], len(x)), _share(found[of.KEY_METRIC_RECALL], len(y))


def coverage(x: Tensor, y: Tensor) -> Estimate:
    """Compute the fraction of y in whose balls there is a point of x   (Naeem et al. 2020).

    A ball around an image of y has the distance to its 5th neighbour in y as radius; x generated, y real, at most 5,000
    per side. It is 31/32 for many samples of one distribution. stderr: that of a fraction, for fixed x.
    """
    x, y = x[:MANIFOLD].double(), y[:MANIFOLD].double()
    if min(len(x), len(y)) <= COVERED:
        return Estimate(math.nan, math.nan, len(x))
    radii = NearestNeighbors(n_neighbors=COVERED).fit(y.numpy()).kneighbors()[0][:, -1]
    nearest = NearestNeighbors(n_neighbors=1).fit(x.numpy()).kneighbors(y.numpy())[0][:, 0]
    return _share(float((nearest < radii).mean()), len(y))


def halves(rows: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Split ``rows: (N, F)`` at random: at most ``n`` and at most half of them, in place of samples, and the others."""
    rows = rows[torch.randperm(len(rows), generator=generator)]
    taken = min(n, len(rows) // 2)
    return rows[:taken], rows[taken:]


def _frechet(x: Tensor, y: Tensor) -> float:
    of = torch_fidelity("torch_fidelity.metric_fid")
    found = of.fid_statistics_to_metric(*(of.fid_features_to_statistics(rows) for rows in (x, y)), False)
    return found[of.KEY_METRIC_FID]


def _share(value: float, n: int) -> Estimate:
    return Estimate(value, math.sqrt(value * (1 - value) / n), n)
