"""The effect on one entry of a claim: between trainings, between means of repetitions, or between times."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from ebmbench.core.errors import UserError
from ebmbench.reporting.claims.evidence import Evidence, EvidenceSide
from ebmbench.reporting.claims.ranks import first_to_reach
from ebmbench.reporting.claims.region import NOTHING, Region, Sided


class Failures(NamedTuple):
    """Pairs of trainings in which only this side failed, only the other side, and both."""

    this: int
    other: int
    both: int

    def veto(self, sided: Sided) -> Sided:
        """Decide nothing in favour of the side that failed more often, so that failing never helps."""
        return Sided(
            1.0 if self.this > self.other else sided.held,
            1.0 if self.other > self.this else sided.against,
        )


class Estimate(NamedTuple):
    """The effect on one entry, its standard error with ``df`` degrees of freedom, and its p-values.

    ``trainings`` counts the pairs in which both sides have a value; the spread between them gives the error. ``stderr``
    is NaN if there are fewer than two, and for times, which have no size.
    """

    on: str
    effect: float
    stderr: float
    df: float
    trainings: int
    failures: Failures
    sided: Sided

    def interval(self, level: float) -> tuple[float, float]:
        """Return the interval of the effect that covers with probability 1 - ``level``; NaN without an error."""
        if math.isnan(self.stderr):
            return math.nan, math.nan
        half = float(stdtrit(self.df, 1 - level / 2)) * self.stderr if self.stderr else 0.0
        return self.effect - half, self.effect + half


#: (both sides, scale, what the claim allows) -> estimate
Test = Callable[[Evidence, str, Region], Estimate]


def trainings(both: Evidence, scale: str, region: Region) -> Estimate:
    """Return the mean of the differences paired by training, and the error s / sqrt(n) of the n pairs with values.

    A pair in which one side failed counts in the mean as the worst difference seen for that side on this entry, and at
    best as the edge of the claim. If fewer than two pairs have values, the failed side has its untrained value. The
    spread is that of pairs with values alone, so that filled values cannot make it look small. Pairs in which both
    failed count for neither side.
    """
    this, other = (SCALES[scale](side.values, side.stderrs, both.on) for side in (both.this, both.other))
    start = float(SCALES[scale](np.array([both.untrained]), np.zeros(1), both.on)[0])
    failed, failed_other = np.isnan(this), np.isnan(other)
    lost = _failures(failed, failed_other, region)
    d = region.sign * (this - other)
    seen = d[~np.isnan(d)]
    if len(seen) >= 2:
        worst, best = min(seen.min(), region.low), max(seen.max(), region.low)
        full = np.concatenate([seen, np.full(lost.this, worst), np.full(lost.other, best)])
    else:
        worse = np.minimum(region.sign * (start - other[failed & ~failed_other]), region.low)
        better = np.maximum(region.sign * (this[failed_other & ~failed] - start), region.low)
        full = np.concatenate([seen, worse, better])
        full = seen = full[~np.isnan(full)]
    n = len(seen)
    effect = float(full.mean()) if len(full) else math.nan
    stderr = float(seen.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    sided = region.sided(effect, stderr, n - 1.0) if n else _one_fails(lost)
    return Estimate(both.on, effect, stderr, n - 1.0, n, lost, lost.veto(sided))


def _failures(this: np.ndarray, other: np.ndarray, region: Region) -> Failures:
    """Count failures; a claim that two sides are comparable is not helped by both of them failing."""
    alone, alone_other, both = (int(of.sum()) for of in (this & ~other, other & ~this, this & other))
    return Failures(alone + both, alone_other, 0) if region.low < 0 else Failures(alone, alone_other, both)


def _one_fails(lost: Failures) -> Sided:
    """Return the sign test of n failures of one side against none, 2^-n, where the claim has no size."""
    return Sided(_sign(lost.other, lost.this), _sign(lost.this, lost.other))


def _sign(failed: int, opposite: int) -> float:
    return 1.0 if opposite else 0.5**failed


def means(both: Evidence, scale: str, region: Region) -> Estimate:
    """Return the difference of two means and Welch's error and degrees of freedom, from their numbers of repetitions.

    Welch (1947). A mean of one repetition, which is one training, has no degree of freedom: nothing is decided.
    """
    one, two = _only(both.this, both.on), _only(both.other, both.on)
    effect, square = region.sign * (one.value - two.value), one.square + two.square
    if math.isnan(effect) or min(one.repetitions, two.repetitions) < 2:
        return Estimate(both.on, effect, math.nan, math.nan, 1, Failures(0, 0, 0), NOTHING)
    df = square**2 / (one.square**2 / (one.repetitions - 1) + two.square**2 / (two.repetitions - 1))
    n = int(min(one.repetitions, two.repetitions))
    return Estimate(
        both.on, effect, math.sqrt(square), df, n, Failures(0, 0, 0), region.sided(effect, math.sqrt(square), df)
    )


def times(both: Evidence, scale: str, region: Region) -> Estimate:
    """Return the probability that this side is first minus that of the other, with exact p-values by permutation.

    A time that was not reached, or whose training failed, is later than any that was reached: a side that does not
    arrive loses. Two that were not reached are equal.
    """
    del scale
    this, other = (np.where(np.isnan(side.values), math.inf, side.values) for side in (both.this, both.other))
    effect, p_this, p_other = first_to_reach(this, other)
    sided = Sided(p_this, p_other) if region.sign < 0 else Sided(p_other, p_this)
    n = min(len(this), len(other))
    return Estimate(both.on, -region.sign * effect, math.nan, math.nan, n, Failures(0, 0, 0), sided)


TESTS: dict[str, Test] = {"trainings": trainings, "means": means, "times": times}


def _linear(values: np.ndarray, stderrs: np.ndarray, on: str) -> np.ndarray:
    return values


def _log(values: np.ndarray, stderrs: np.ndarray, on: str) -> np.ndarray:
    """Return logarithms; an estimate at or below its own error could be 0 and counts as that error."""
    positive = np.maximum(values, np.nan_to_num(stderrs))
    if (positive <= 0).any():
        raise UserError(f"claims: {on}: scale = log with the value {values[positive <= 0][0]:g}; allowed: above 0")
    return np.log(positive)


#: scale of a claim -> the values that are compared
SCALES = {"linear": _linear, "log": _log}


class _Mean(NamedTuple):
    value: float
    square: float
    repetitions: float


def _only(side: EvidenceSide, on: str) -> _Mean:
    if len(side.values) != 1:
        raise UserError(f"claims: {on}: test = means compares one mean a side; found: {len(side.values)}")
    return _Mean(float(side.values[0]), float(side.stderrs[0]) ** 2, float(side.counts[0]))
