"""Whether whole laws of statistics agree: matched means do not make them."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.couplings import Sorted, costs
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.jackknife import jackknife

NAMES = ("w1", "w1_floor")


def transport(model: Tensor, test: Tensor, train: Tensor) -> tuple[Tensor, dict[str, Estimate]]:
    """W_1(T_k(X), T_k(Y)) / sd_k of each statistic ``(K,)``, sd over the test rows, and its means over them.

    ``model: (n, K)``, ``test: (m, K)``, ``train: (l, K)``: statistics that vary over the test rows, rows in random
    order. w1: of the model's draws and the test rows; w1_floor: of as many train rows, or all, in place of the draws.
    Above 0, by about n^(-1/2), even where the laws are equal.

    stderr: delete-a-block jackknife (:mod:`~ebmbench.evaluation.metrics.jackknife`).
    """
    spread = test.std(0)
    unit = torch.where(spread > 0, spread, 1.0)
    # through numpy, whose sort is several times as fast
    draws, rows, others = (Sorted.of((part / unit).numpy()) for part in (model, test, train[: len(model)]))
    return torch.from_numpy(costs(draws, rows, 1)), {
        "w1": jackknife(_mean_distance, draws, rows),
        "w1_floor": jackknife(_mean_distance, others, rows),
    }


def _mean_distance(x: Sorted, y: Sorted) -> float:
    return float(costs(x, y, 1).mean())
