"""Whether samples of a model have the test rows' statistics.

Every statistic is measured in its standard deviation over the test rows, which is taken as a fixed unit;
statistics that do not vary over the test rows are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.metrics.base import Estimate
from ebmbench.metrics.table import SUMMARIES
from ebmbench.statistics.base import Statistic

#: |z| above which a statistic counts as mismatched
THRESHOLD = 2.0

#: draws of the multiplier bootstrap; its standard errors are good to 5 %
DRAWS = 200

#: rows whose statistics are held at once
ROWS = 1024


class Averages(NamedTuple):
    """Means and sample variances ``(K,)`` of the statistics of ``rows: (n, D)``, worth ``n_eff`` draws."""

    rows: Tensor
    n_eff: float
    mean: Tensor
    variance: Tensor


class Mismatch(NamedTuple):
    """One number a statistic, each ``(K',)`` float64 over the K' <= K statistics that vary over the test rows.

    sae = |mean_model - mean_test| / sd_test; stderr = sqrt(v_model / n_eff + v_test / n_test) / sd_test;
    z = signed sae / stderr; floor = |mean_train - mean_test| / sd_test, the sae of a model that matches the
    train rows exactly. ``kept`` holds the K' indices.
    """

    kept: Tensor
    mean_model: Tensor
    mean_test: Tensor
    sd_test: Tensor
    sae: Tensor
    stderr: Tensor
    z: Tensor
    floor: Tensor


class Sides(NamedTuple):
    """The three sets of rows that a mismatch compares."""

    statistic: Statistic
    model: Averages
    test: Averages
    train: Averages


def sides(statistic: Statistic, model: Tensor, test: Tensor, train: Tensor, n_eff: float) -> Sides:
    """Averages of the statistics of ``model``, ``test`` and ``train``, each ``(n, D)``.

    ``n_eff``: how many independent draws the model's samples are worth.
    """
    return Sides(
        statistic,
        _averages(statistic, model, n_eff),
        _averages(statistic, test, len(test)),
        _averages(statistic, train, len(train)),
    )


def mismatch(found: Sides) -> Mismatch:
    """The mismatch of every statistic."""
    _, model, test, train = found
    kept = (test.variance > 0).nonzero().flatten()
    unit = test.variance[kept].sqrt()
    difference = ((model.mean - test.mean)[kept]) / unit
    stderr = (model.variance / model.n_eff + test.variance / test.n_eff)[kept].sqrt() / unit
    return Mismatch(
        kept=kept,
        mean_model=model.mean[kept],
        mean_test=test.mean[kept],
        sd_test=unit,
        sae=difference.abs(),
        stderr=stderr,
        z=difference / stderr,
        floor=(train.mean - test.mean)[kept].abs() / unit,
    )


def summaries(found: Sides, each: Mismatch, generator: torch.Generator) -> dict[str, Estimate]:
    """Over the statistics: mean, max and rms of sae, share of |z| > 2, and floor, the mean of floor_k.

    stderr: mean, rms and floor by the delta method with the full correlation of the statistics: the standard
    error of the mean of the scalar s(x) = sum_k w_k T_k(x) / sd_k, w the gradient of the summary in the
    differences (sign_k / K' for the mean). max and share by a Gaussian multiplier bootstrap: the differences
    are moved by draws from their joint normal law (covariance as estimated, ``generator`` draws) and the
    standard deviation of the summary is taken; for share that is good to about a quarter.

    Near exact match all but floor are biased upwards, by about the size of floor: compare with floor, not
    with 0. NaN where no statistic varies.
    """
    if len(each.kept) == 0:
        return {name: Estimate(math.nan, math.nan, len(found.model.rows)) for name in SUMMARIES}
    difference, n = each.z * each.stderr, len(found.model.rows)
    moved = difference + _noise(found, each, generator)
    rms = difference.square().mean().sqrt()
    signs = difference.sign() / len(difference)
    slope = difference / rms.clamp(min=torch.finfo(rms.dtype).tiny) / len(difference)
    train_signs = (found.train.mean - found.test.mean)[each.kept].sign() / len(difference)
    sampled = (found.model, found.test)
    return {
        "mean": Estimate(float(each.sae.mean()), _delta(found, each, signs, sampled), n),
        "max": Estimate(float(each.sae.max()), float(moved.abs().amax(1).std()), n),
        "rms": Estimate(float(rms), _delta(found, each, slope, sampled), n),
        "share": Estimate(
            float((each.z.abs() > THRESHOLD).double().mean()),
            float(((moved / each.stderr).abs() > THRESHOLD).double().mean(1).std()),
            n,
        ),
        "floor": Estimate(
            float(each.floor.mean()),
            _delta(found, each, train_signs, (found.train, found.test)),
            len(found.train.rows),
        ),
    }


def _averages(statistic: Statistic, rows: Tensor, n_eff: float) -> Averages:
    mean = sum(values.sum(0) for values in _blocks(statistic, rows)) / len(rows)
    squares = sum((values - mean).square().sum(0) for values in _blocks(statistic, rows))
    return Averages(rows, n_eff, mean, squares / (len(rows) - 1))


def _blocks(statistic: Statistic, rows: Tensor) -> Iterator[Tensor]:
    """The statistics of some rows at a time, float64: their means must be good to far below 1/sqrt(n)."""
    return (statistic.hard(block.double()) for block in rows.split(ROWS))


def _delta(found: Sides, each: Mismatch, weights: Tensor, sampled: tuple[Averages, ...]) -> float:
    """Standard error of sum_k w_k (mean_a T_k - mean_b T_k) / sd_k for the two sides a, b of ``sampled``."""
    full = torch.zeros_like(found.test.mean).index_put((each.kept,), weights / each.sd_test)
    scalars = [torch.cat([values @ full for values in _blocks(found.statistic, side.rows)]) for side in sampled]
    variances = [float(scalar.var()) / side.n_eff for scalar, side in zip(scalars, sampled, strict=True)]
    return math.sqrt(sum(variances))


def _noise(found: Sides, each: Mismatch, generator: torch.Generator) -> Tensor:
    """Draws from the estimated joint law of the differences' errors, ``(DRAWS, K')`` in test sd."""
    total = torch.zeros(DRAWS, len(found.test.mean), dtype=torch.float64)
    for side in (found.model, found.test):
        scale = math.sqrt((len(side.rows) - 1) * side.n_eff)
        for values in _blocks(found.statistic, side.rows):
            multipliers = torch.randn(DRAWS, len(values), generator=generator)
            total += (multipliers @ (values - side.mean).float()).double() / scale
    return total[:, each.kept] / each.sd_test
