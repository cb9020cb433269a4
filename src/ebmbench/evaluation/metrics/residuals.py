"""Test-set averages that vanish for the model's own distribution, and that losses without a sampler control."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.models.statistics.interface import Statistic

STEIN, KERNEL = "stein", "ed"

#: number of points whose gradients are in memory at once
ROWS = 256


class Residual(NamedTuple):
    """The residual of each statistic with its standard error, ``(K,)`` each, and the mean of their absolute values."""

    value: Tensor
    stderr: Tensor
    mean: Estimate


def stein(statistic: Statistic, rows: Tensor, score: Tensor, kept: Tensor) -> Residual:
    """Compute E_test[s . grad T_k + Laplacian T_k] / sqrt(E_test |grad T_k|^2), s = grad log p at the test points.

    0 for the model's own distribution (Stein); score matching makes it 0 for its statistics (Hyvarinen 2005).
    ``rows, score: (N, D)``; ``kept: (K',)``, the indices of the statistics to evaluate. In inverse data units.
    """
    blocks = zip(rows.double().split(ROWS), score.double().split(ROWS), strict=True)
    terms, squares = zip(*(_drift(statistic, x, s, kept) for x, s in blocks), strict=True)
    lengths = torch.cat(squares).mean(0).sqrt()
    return residual(torch.cat(terms) / torch.where(lengths > 0, lengths, 1.0))


def kernel(before: Tensor, after: Tensor, unit: Tensor) -> Residual:
    """Compute E_test[T_k(x') - T_k(x)] / sd_k, x' one step of the kernel from x.

    ``before, after: (N, K)``, ``unit: (K,)``. 0 for the model's own distribution; energy discrepancy makes it 0 for its
    statistics if the kernel adds noise and removes it again by the model's posterior (Schröder et al. 2023).
    """
    return residual((after - before) / unit)


def residual(terms: Tensor) -> Residual:
    """Average independent ``terms: (N, K)``; the mean's error by the delta method, with their full correlation."""
    n, size = terms.shape
    value = terms.mean(0)
    stderr = terms.std(0) / math.sqrt(n)
    mean = Estimate(math.nan, math.nan, n)
    if size:
        along = terms @ (value.sign() / size)
        mean = Estimate(float(value.abs().mean()), float(along.std()) / math.sqrt(n), n)
    return Residual(value, stderr, mean)


def _drift(statistic: Statistic, x: Tensor, score: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Return s . grad T + Laplacian T, and |grad T|^2, ``(B, K')`` each."""
    along, squares = statistic.slopes_along(x, score)
    drift = along[:, kept].double() + statistic.laplacian(x)[:, kept].double()
    return drift.detach(), squares[:, kept].double().detach()
