"""What losses without a sampler control: how far test rows are from rest under a kernel that leaves the model alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.models.statistics.interface import Statistic

STEIN, KERNEL = "stein", "ed"

#: rows whose gradients are held at once
ROWS = 256


class Residual(NamedTuple):
    """A number a statistic with its standard error, ``(K,)`` each, and the mean of their absolute values."""

    value: Tensor
    stderr: Tensor
    mean: Estimate


def stein(statistic: Statistic, rows: Tensor, score: Tensor, kept: Tensor) -> Residual:
    """E_test[s . grad T_k + Laplacian T_k] / sqrt(E_test |grad T_k|^2), s = grad log p at the rows.

    0 for the model's own law (Stein); score matching makes it 0 for its statistics (Hyvarinen 2005). ``rows, score:
    (N, D)``; ``kept: (K',)``, the statistics that are asked for. In inverse units of the rows.
    """
    blocks = zip(rows.double().split(ROWS), score.double().split(ROWS), strict=True)
    terms, squares = zip(*(_drift(statistic, x, s, kept) for x, s in blocks), strict=True)
    lengths = torch.cat(squares).mean(0).sqrt()
    return residual(torch.cat(terms) / torch.where(lengths > 0, lengths, 1.0))


def kernel(before: Tensor, after: Tensor, unit: Tensor) -> Residual:
    """E_test[T_k(x') - T_k(x)] / sd_k, x' one step of the kernel from x: ``before, after: (N, K)``, ``unit: (K,)``.

    0 for the model's own law; energy discrepancy makes it 0 for its statistics where the kernel adds noise and removes
    it again by the model's posterior (Schröder et al. 2023).
    """
    return residual((after - before) / unit)


def residual(terms: Tensor) -> Residual:
    """Of independent ``terms: (N, K)``; the mean's error by the delta method, with their full correlation."""
    n, size = terms.shape
    value = terms.mean(0)
    stderr = terms.std(0) / math.sqrt(n)
    mean = Estimate(math.nan, math.nan, n)
    if size:
        along = terms @ (value.sign() / size)
        mean = Estimate(float(value.abs().mean()), float(along.std()) / math.sqrt(n), n)
    return Residual(value, stderr, mean)


def _drift(statistic: Statistic, x: Tensor, score: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """(s . grad T + Laplacian T, |grad T|^2), ``(B, K')`` each."""
    along, squares = statistic.slopes_along(x, score)
    drift = along[:, kept].double() + statistic.laplacian(x)[:, kept].double()
    return drift.detach(), squares[:, kept].double().detach()
