"""Sliced Wasserstein distance between two sets of points."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ebmbench.evaluation.metrics.couplings import costs, sorted_columns
from ebmbench.evaluation.metrics.equal_numbers import ComparedRows, equal_distance
from ebmbench.evaluation.metrics.estimate import Estimate

NAME = "sliced_wasserstein"

PROJECTIONS = 50

#: seed of the projections: fixed, so that all models on a data set share them
SEED = 0


def sliced_wasserstein(x: ComparedRows, y: ComparedRows, size: int) -> Estimate:
    """Compute SW_2 = sqrt( mean_theta W_2^2(theta'x, theta'y) ) between ``size`` points of each side, in data units.

    theta: 50 fixed random unit vectors (Bonneel et al., 2015); sides by :func:`projected`. It is the mean distance
    between two sets of as many points, so above 0, by about size^(-1/2), even if their distributions are equal; equal
    sizes make it comparable.

    stderr: :func:`~ebmbench.evaluation.metrics.equal_numbers.equal_distance`. It does not include the error of having
    only 50 directions: all models share it.
    """
    return equal_distance(_distance, x, y, size)


def projected(rows: Tensor) -> Tensor:
    """Return ``rows: (n, D)`` along the fixed directions, ``(n, 50)`` float64."""
    return rows.double() @ torch.from_numpy(_projections(rows.shape[1]))


def _distance(x: Tensor, y: Tensor) -> float:
    squares = costs(sorted_columns(x), sorted_columns(y), 2)
    return float(np.sqrt(squares.mean(1)).mean())


@cache
def _projections(dim: int) -> NDArray[np.float64]:
    directions = np.random.RandomState(SEED).normal(size=(dim, PROJECTIONS))
    return directions / np.linalg.norm(directions, axis=0)
