"""Sliced Wasserstein distance between two sets of rows."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import ot
from numpy.typing import NDArray
from torch import Tensor

from ebmbench.metrics.base import Estimate

NAME = "sliced_wasserstein"

PROJECTIONS = 50

#: of the projections: fixed, so that all models on a data set share them
SEED = 0

#: of the jackknife
BLOCKS = 10


def sliced_wasserstein(x: Tensor, y: Tensor) -> Estimate:
    """SW_2 = sqrt( mean_theta W_2^2(theta'x, theta'y) ) for ``x: (n, D)``, ``y: (m, D)``, in the rows' units.

    theta: 50 fixed random unit vectors (Bonneel et al., 2015). It is the distance between the two sets of
    rows, so above 0, by about n^(-1/2), even where their laws are equal.

    stderr: delete-a-block jackknife (Quenouille, 1956). Both sides are cut into 10 blocks in the given order,
    which must be random; leaving out block b of both gives SW_b, and stderr^2 = 9/10 sum_b (SW_b - mean SW_b)^2.
    The error of having 50 directions is not in it: all models share it. NaN with fewer than 20 rows a side.
    """
    if min(len(x), len(y)) < 2 * BLOCKS:
        return Estimate(math.nan, math.nan, len(x))
    a, b = x.double().numpy(), y.double().numpy()
    left_out = np.array([_distance(_without(a, block), _without(b, block)) for block in range(BLOCKS)])
    stderr = math.sqrt((BLOCKS - 1) * left_out.var())
    return Estimate(_distance(a, b), stderr, len(x))


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(ot.sliced_wasserstein_distance(a, b, projections=_projections(a.shape[1])))


def _without(rows: NDArray[np.float64], block: int) -> NDArray[np.float64]:
    return np.delete(rows, np.s_[block * len(rows) // BLOCKS : (block + 1) * len(rows) // BLOCKS], axis=0)


@cache
def _projections(dim: int) -> NDArray[np.float64]:
    return ot.sliced.get_random_projections(dim, PROJECTIONS, SEED)
