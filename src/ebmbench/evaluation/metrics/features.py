"""Distances between two sets of images by a network's features of them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.fidelity import torch_fidelity
from ebmbench.evaluation.metrics.jackknife import Plain, jackknife

#: subsets of the kernel distance, and images of each
SUBSETS, SUBSET = 25, 1000

#: images a side of precision and recall, and which neighbour of an image bounds its ball
MANIFOLD, NEIGHBOUR = 5000, 3


def frechet_distance(x: Tensor, y: Tensor) -> Estimate:
    """|m_x - m_y|^2 + tr(S_x + S_y - 2 (S_x S_y)^1/2) of features ``x: (n, F)``, ``y: (m, F)``   (Heusel et al. 2017).

    m, S: means and covariances, by torch-fidelity. Biased upwards by sampling, strongly where n < 2 F. stderr:
    delete-a-block jackknife, for rows in random order; NaN with fewer than 20 rows a side.
    """
    return jackknife(_frechet, Plain(x.double()), Plain(y.double()))


def kernel_distance(x: Tensor, y: Tensor) -> Estimate:
    """Unbiased squared MMD of features with kernel (x'y / F + 1)^3, mean over 25 subsets   (Binkowski et al. 2018).

    By torch-fidelity; subsets of 1,000, or of as many as the smaller side has. stderr: the subsets' standard deviation
    times (size / n + 1 / 25)^1/2, n the smaller side; too large where the two laws are nearly equal.
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
    """Shares of x among y's balls and of y among x's, each as far as its 3rd neighbour   (Kynkaanniemi et al. 2019).

    By torch-fidelity; x generated, y real, at most 5,000 a side. stderr is that of a share, given the balls.
    """
    x, y = x[:MANIFOLD].double(), y[:MANIFOLD].double()
    if min(len(x), len(y)) <= NEIGHBOUR:
        nothing = Estimate(math.nan, math.nan, len(x))
        return nothing, nothing
    of = torch_fidelity("torch_fidelity.metric_prc")
    found = of.prc_features_to_metric(x, y, prc_neighborhood=NEIGHBOUR, save_cpu_ram=True, verbose=False)
    return _share(found[of.KEY_METRIC_PRECISION], len(x)), _share(found[of.KEY_METRIC_RECALL], len(y))


def halves(rows: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """At most ``n`` and at most half of ``rows: (N, F)`` at random, and the others: images in place of draws."""
    rows = rows[torch.randperm(len(rows), generator=generator)]
    taken = min(n, len(rows) // 2)
    return rows[:taken], rows[taken:]


def _frechet(x: Plain, y: Plain) -> float:
    of = torch_fidelity("torch_fidelity.metric_fid")
    found = of.fid_statistics_to_metric(*(of.fid_features_to_statistics(rows.tensor) for rows in (x, y)), False)
    return found[of.KEY_METRIC_FID]


def _share(value: float, n: int) -> Estimate:
    return Estimate(value, math.sqrt(value * (1 - value) / n), n)
