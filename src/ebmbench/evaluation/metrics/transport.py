"""Wasserstein distances between distributions of statistics, which matched means alone do not make equal."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.evaluation.metrics.couplings import costs, sorted_columns
from ebmbench.evaluation.metrics.equal_numbers import ComparedRows, equal_distance
from ebmbench.evaluation.metrics.estimate import Estimate

NAMES = ("w1", "w1_floor")


class ComparedStatistics(NamedTuple):
    """Statistics ``(n, K)`` of the model's samples, the test and the training set, that vary over the test set."""

    model: ComparedRows
    test: ComparedRows
    train: ComparedRows


def transport(found: ComparedStatistics, size: int) -> tuple[Tensor, dict[str, Estimate]]:
    """Compute W_1(T_k(X), T_k(Y)) / sd_k of each statistic, ``(K,)``, sd over the test set, and its means over them.

    Between ``size`` independent samples and as many test examples. w1: between the model's samples and the test set;
    w1_floor: with training examples in place of the samples. Above 0, by about size^(-1/2), even if the distributions
    are equal; equal sizes make it comparable.

    stderr: :func:`~ebmbench.evaluation.metrics.equal_numbers.equal_distance`.
    """
    spread = found.test.rows.std(0)
    unit = torch.where(spread > 0, spread, 1.0)
    model, test, train = (side._replace(rows=side.rows / unit) for side in found)
    return torch.from_numpy(_each(model.subsets(size), test.subsets(size)).mean(0)), {
        "w1": equal_distance(_mean_distance, model, test, size),
        "w1_floor": equal_distance(_mean_distance, train, test, size),
    }


def _each(x: Tensor, y: Tensor) -> np.ndarray:
    return costs(sorted_columns(x), sorted_columns(y), 1)


def _mean_distance(x: Tensor, y: Tensor) -> float:
    return float(_each(x, y).mean())
