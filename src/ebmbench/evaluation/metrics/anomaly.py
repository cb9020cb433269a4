"""Anomaly detection: how well an energy separates examples of a class that was left out of training."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.jackknife import BLOCKS

PRECISION_RECALL, RANKS = "anomaly_auprc", "anomaly_auroc"

NAMES = (PRECISION_RECALL, RANKS)


def anomaly(energy: Tensor, odd: Tensor) -> dict[str, Estimate]:
    """Compute the areas under the precision-recall curve and under the ROC curve of an energy, by scikit-learn.

    ``energy: (N,)``, high for examples that the model finds unlikely; ``odd: (N,)``, true for the examples of the class
    that was left out: the positives. The first is average precision, by chance the fraction of positives; the second is
    .5 by chance. stderr: a jackknife over 10 blocks, each of every tenth example. NaN unless both kinds remain when any
    one block is left out.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    found = {PRECISION_RECALL: average_precision_score, RANKS: roc_auc_score}
    return {name: _with_error(area, energy.double(), odd) for name, area in found.items()}


def _with_error(area: Callable[..., float], energy: Tensor, odd: Tensor) -> Estimate:
    n, places = len(energy), torch.arange(len(energy)) % BLOCKS
    kept = [places != block for block in range(BLOCKS)]
    if n < 2 * BLOCKS or any(len(odd[some].unique()) < 2 for some in kept):
        return Estimate(math.nan, math.nan, n)
    parts = torch.tensor([area(odd[some].numpy(), energy[some].numpy()) for some in kept], dtype=torch.float64)
    stderr = math.sqrt((BLOCKS - 1) * float(parts.var(correction=0)))
    return Estimate(float(area(odd.numpy(), energy.numpy())), stderr, n)
