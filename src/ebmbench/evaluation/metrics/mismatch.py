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
from ebmbench.evaluation.metrics.folded import beyond, folded_mean, folded_slope
from ebmbench.evaluation.metrics.statistic_rows import StatisticRows

#: |z| above which a statistic counts as mismatched
THRESHOLD = 2.0

#: number of simulated errors: standard errors are accurate to 3 %, the 95 % quantile of a mean to about as much
DRAWS = 1000

#: the probability with which matched means stay below a floor
LEVEL = 0.95

#: names of the summaries of the mean differences
SUMMARIES = ("mean", "max", "rms", "fraction", "floor", "floor95")


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


class Spread(NamedTuple):
    """What the differences between means of ``size`` rows per side have beyond those between the given means.

    The given means rest on n_eff >= size rows; means of ``size`` rows have the variance 1 / size - 1 / n_eff more, on
    each side. ``sd: (K',)`` and simulated ``errors: (DRAWS, K')`` of the two sides together, in test sd; ``stderr:
    (K',)``: the whole standard error of a difference between means of ``size`` rows.
    """

    sd: Tensor
    errors: Tensor
    stderr: Tensor


def spread(model: Averages, test: Averages, each: Mismatch, size: int) -> Spread:
    """Return the spread of the differences between means of ``size`` rows of ``model`` and of ``test``."""
    kept, unit = each.kept, each.sd_test
    further = [max(0.0, 1 / size - 1 / side.n_eff) for side in (model, test)]
    variances = [side.variance[kept] for side in (model, test)]
    # errors of the given means, in the ratio of the standard deviations
    drawn = [math.sqrt(f * side.n_eff) * side.errors[:, kept] for f, side in zip(further, (model, test), strict=True)]
    sd = (further[0] * variances[0] + further[1] * variances[1]).sqrt() / unit
    return Spread(sd, (drawn[0] + drawn[1]) / unit, ((variances[0] + variances[1]) / size).sqrt() / unit)


def summaries(found: Sides, each: Mismatch, drawn: Errors, size: int) -> dict[str, Estimate]:
    """Compute mean, max and rms of sae, share (fraction with |z| > 2), floor (the mean of floor_k), and floor95.

    All are over the statistics, and all are expected values for means of ``size`` independent rows per side, whatever
    the numbers that the means rest on: normal errors of the variance that is missing are added (:class:`Spread`), in
    closed form for mean, share and floor, by simulation for max and rms. So models with other numbers of samples have
    the same bias. floor has training examples in place of the samples. floor95: the 95 % quantile of ``mean`` for a
    model that has the training data's means, over the errors of its samples, of the training and of the test set: at
    or below it a set of statistics counts as matched.

    stderr: mean, max, rms and floor by the delta method with the full correlation of the statistics: the standard error
    of the mean of the scalar s(x) = sum_k w_k T_k(x) / sd_k, w the gradient of the summary in the differences. share:
    the standard deviation of the summary when the differences move by simulated errors from their joint normal
    distribution. floor95: the error of a quantile of that many simulations.

    Near an exact match all but the floors are biased upwards, by about the size of floor: compare with them, not with
    0. NaN if no statistic varies.
    """
    if len(each.kept) == 0:
        return {name: Estimate(math.nan, math.nan, size) for name in SUMMARIES}
    of_model, of_train = (spread(side, found.test, each, size) for side in (found.model, found.train))
    difference = each.z * each.stderr
    train = (found.train.mean - found.test.mean)[each.kept] / each.sd_test
    sampled, exact = (found.model, found.test), (found.train, found.test)
    return {
        **{name: value.estimate(found, each, sampled, size) for name, value in _values(difference, of_model).items()},
        "fraction": _share(difference, of_model, drawn, size),
        "floor": _folded(train, of_train).estimate(found, each, exact, size),
        "floor95": quantile(folded_mean(drawn.matched, of_model.sd).mean(1), size),
    }


class _Summary(NamedTuple):
    """A summary of the differences and its gradient ``slope: (K',)`` in them."""

    value: Tensor
    slope: Tensor

    def estimate(self, found: Sides, each: Mismatch, sampled: tuple[Averages, ...], size: int) -> Estimate:
        return Estimate(float(self.value), _delta(found, each, self.slope, sampled), size)


def _values(difference: Tensor, further: Spread) -> dict[str, _Summary]:
    moved = difference + further.errors
    largest, at = moved.abs().max(1)
    signs = moved.gather(1, at[:, None]).flatten().sign()
    rms = moved.square().mean(1).sqrt()
    along = (moved / rms[:, None].clamp(min=torch.finfo(rms.dtype).tiny)).mean(0) / len(difference)
    return {
        "mean": _folded(difference, further),
        "max": _Summary(largest.mean(), torch.zeros_like(difference).index_add(0, at, signs / len(moved))),
        "rms": _Summary(rms.mean(), along),
    }


def _folded(difference: Tensor, further: Spread) -> _Summary:
    slope = folded_slope(difference, further.sd) / len(difference)
    return _Summary(folded_mean(difference, further.sd).mean(), slope)


def _share(difference: Tensor, further: Spread, drawn: Errors, size: int) -> Estimate:
    bound = THRESHOLD * further.stderr
    value = beyond(difference, further.sd, bound).mean()
    moved = beyond(difference + drawn.sampled, further.sd, bound).mean(1)
    return Estimate(float(value), float(moved.std()), size)


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
