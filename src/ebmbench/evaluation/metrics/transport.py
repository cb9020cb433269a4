"""Wasserstein distances between distributions of statistics, which matched means alone do not make equal."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.couplings import Sorted, costs
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.jackknife import jackknife

NAMES = ("w1", "w1_floor")


def transport(model: Tensor, test: Tensor, train: Tensor) -> tuple[Tensor, dict[str, Estimate]]:
    """Compute W_1(T_k(X), T_k(Y)) / sd_k of each statistic, ``(K,)``, sd over the test set, and its means over them.

    ``model: (n, K)``, ``test: (m, K)``, ``train: (l, K)``: statistics that vary over the test set, rows in random
    order. w1: between the model's samples and the test set; w1_floor: with as many training examples (or all) in place
    of the samples. Above 0, by about n^(-1/2), even if the distributions are equal.

    stderr: delete-a-block jackknife (:mod:`~ebmbench.evaluation.metrics.jackknife`).
    """
    spread = test.std(0)
    unit = torch.where(spread > 0, spread, 1.0)
    # numpy's sort is several times faster
    draws, rows, others = (Sorted.of((part / unit).numpy()) for part in (model, test, train[: len(model)]))
    return torch.from_numpy(costs(draws, rows, 1)), {
        "w1": jackknife(_mean_distance, draws, rows),
        "w1_floor": jackknife(_mean_distance, others, rows),
    }


def _mean_distance(x: Sorted, y: Sorted) -> float:
    return float(costs(x, y, 1).mean())
