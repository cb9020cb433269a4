"""Sliced Wasserstein distance between two sets of points."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ebmbench.evaluation.metrics.couplings import Sorted, costs
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.jackknife import jackknife

NAME = "sliced_wasserstein"

PROJECTIONS = 50

#: seed of the projections: fixed, so that all models on a data set share them
SEED = 0


def sliced_wasserstein(x: Tensor, y: Tensor) -> Estimate:
    """Compute SW_2 = sqrt( mean_theta W_2^2(theta'x, theta'y) ) for ``x: (n, D)``, ``y: (m, D)``, in data units.

    theta: 50 fixed random unit vectors (Bonneel et al., 2015). It is the distance between the two sets of points, so
    above 0, by about n^(-1/2), even if their distributions are equal.

    stderr: delete-a-block jackknife (:mod:`~ebmbench.evaluation.metrics.jackknife`), for rows in random order. It does
    not include the error of having only 50 directions: all models share it. NaN with fewer than 20 rows per side.
    """
    return jackknife(_distance, _projected(x), _projected(y))


def _distance(x: Sorted, y: Sorted) -> float:
    return math.sqrt(costs(x, y, 2).mean())


def _projected(rows: Tensor) -> Sorted:
    return Sorted.of(rows.double().numpy() @ _projections(rows.shape[1]))


@cache
def _projections(dim: int) -> NDArray[np.float64]:
    directions = np.random.RandomState(SEED).normal(size=(dim, PROJECTIONS))
    return directions / np.linalg.norm(directions, axis=0)
