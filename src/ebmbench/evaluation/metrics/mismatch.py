"""Compare the statistics of a model's samples with those of the test set.

Every statistic is measured in units of its standard deviation over the test set, which is taken as fixed; statistics
that do not vary over the test set are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows

#: |z| above which a statistic counts as mismatched
THRESHOLD = 2.0

#: number of simulated errors: standard errors are accurate to 3 %, the 95 % quantile of a mean to about as much
DRAWS = 1000

#: the probability with which matched means stay below a floor
LEVEL = 0.95

#: names of the summaries of the mean differences
SUMMARIES = ("mean", "max", "rms", "share", "floor", "floor95")


@dataclass(frozen=True)
class Averages:
    """Means and sample variances ``(K,)`` of the statistics of ``rows``, with effective sample size ``n_eff``."""

    rows: StatisticRows
    n_eff: float
    mean: Tensor
    variance: Tensor
    stream: torch.Generator

    @classmethod
    def of(cls, rows: StatisticRows, n_eff: float, stream: torch.Generator) -> Averages:
        """Compute the averages of ``rows``; ``stream`` is the generator that simulates :attr:`errors`."""
        zero = torch.zeros((), dtype=torch.float64)
        mean = sum((block.sum(0) for block in rows.blocks()), zero) / len(rows)
        squares = sum(((block - mean).square().sum(0) for block in rows.blocks()), zero)
        return cls(rows, n_eff, mean, squares / (len(rows) - 1), stream)

    @cached_property
    def errors(self) -> Tensor:
        """``(DRAWS, K)`` simulated errors of the mean from their normal distribution, computed once."""
        size = len(self.mean)
        if size > DRAWS:
            # random multipliers of the rows have the same distribution, and avoid a K x K matrix
            total = torch.zeros(DRAWS, size, dtype=torch.float64)
            for block in self.rows.blocks():
                weights = torch.randn(DRAWS, len(block), generator=self.stream)
                total += (weights @ (block - self.mean).float()).double()
            return total / math.sqrt((len(self.rows) - 1) * self.n_eff)
        covariance = sum((block - self.mean).T @ (block - self.mean) for block in self.rows.blocks())
        lengths, axes = torch.linalg.eigh(covariance / ((len(self.rows) - 1) * self.n_eff))
        # the symmetric root is unique: eigenvectors have arbitrary signs, and with equal eigenvalues depend on rounding
        root = (axes * lengths.clamp(min=0).sqrt()) @ axes.T
        return torch.randn(DRAWS, size, generator=self.stream, dtype=torch.float64) @ root


class Mismatch(NamedTuple):
    """The mismatch of each statistic, ``(K',)`` float64 over the K' <= K statistics that vary over the test set.

    sae = |mean_model - mean_test| / sd_test; stderr = sqrt(v_model / n_eff + v_test / n_test) / sd_test;
    z = signed sae / stderr; floor = |mean_train - mean_test| / sd_test, the sae of a model that matches the training
    data exactly. ``kept`` holds the K' indices.
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
    """The data sets that a mismatch compares: model samples (with an effective size), test set and training set."""

    model: Averages
    test: Averages
    train: Averages


def mismatch(found: Sides) -> Mismatch:
    """Compute the mismatch of every statistic."""
    model, test, train = found
    kept = varying(test)
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


class Errors(NamedTuple):
    """Simulated errors of the differences in test sd, ``(DRAWS, K')`` each.

    ``sampled``: of the model's mean minus the test set's; ``matched``: of the same difference for a model that has the
    training data's means, which have errors as well.
    """

    sampled: Tensor
    matched: Tensor


def errors(found: Sides, each: Mismatch) -> Errors:
    """Simulate errors from the joint normal distribution of the means' errors, with the estimated covariance."""
    model, test, train = (side.errors for side in found)
    return Errors(*(part[:, each.kept] / each.sd_test for part in (model + test, model + test + train)))


def summaries(found: Sides, each: Mismatch, drawn: Errors) -> dict[str, Estimate]:
    """Compute mean, max and rms of sae, share (fraction with |z| > 2), floor (the mean of floor_k), and floor95.

    All are over the statistics. floor95: the 95 % quantile of ``mean`` for a model that has the training data's means,
    over the errors of its samples, of the training and of the test set: at or below it a set of statistics counts as
    matched.

    stderr: mean, rms and floor by the delta method with the full correlation of the statistics: the standard error of
    the mean of the scalar s(x) = sum_k w_k T_k(x) / sd_k, w the gradient of the summary in the differences (sign_k / K'
    for the mean). max and share: the standard deviation of the summary when the differences move by simulated errors
    from their joint normal distribution; for share that is good to about a quarter. floor95: the error of a quantile of
    that many simulations.

    Near an exact match all but the floors are biased upwards, by about the size of floor: compare with them, not with
    0. NaN if no statistic varies.
    """
    if len(each.kept) == 0:
        return {name: Estimate(math.nan, math.nan, len(found.model.rows)) for name in SUMMARIES}
    difference, n = each.z * each.stderr, len(found.model.rows)
    moved = difference + drawn.sampled
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
        "floor95": quantile(drawn.matched.abs().mean(1), len(found.train.rows)),
    }


def quantile(values: Tensor, n: int) -> Estimate:
    """Estimate the 95 % quantile of simulated ``values: (m,)``, with its simulation error.

    ``n``: the number of points on which the values rest.
    """
    spread = math.sqrt(LEVEL * (1 - LEVEL) / len(values))
    at = torch.tensor([LEVEL - spread, LEVEL, LEVEL + spread], dtype=values.dtype)
    low, value, high = torch.quantile(values, at).tolist()
    return Estimate(value, (high - low) / 2, n)


def varying(side: Averages) -> Tensor:
    """Return the indices of the statistics that vary over the rows of ``side``."""
    return (side.variance > 0).nonzero().flatten()


def _delta(found: Sides, each: Mismatch, weights: Tensor, sampled: tuple[Averages, ...]) -> float:
    """Return the standard error of sum_k w_k (mean_a T_k - mean_b T_k) / sd_k for the two sides a, b of ``sampled``."""
    full = torch.zeros_like(found.test.mean).index_put((each.kept,), weights / each.sd_test)
    scalars = [torch.cat([values @ full for values in side.rows.blocks()]) for side in sampled]
    variances = [float(scalar.var()) / side.n_eff for scalar, side in zip(scalars, sampled, strict=True)]
    return math.sqrt(sum(variances))
