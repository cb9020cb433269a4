"""Equivalence test of moments: do a method's trainings have the data's statistics within a margin?"""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from ebmbench.reporting.comparison.intervals import interval

#: largest difference of means that counts as a match, in standard deviations of any linear combination of a set's
#: statistics. A distribution with such a difference has a KL of at least MARGIN^2 / 2 = .005 nats to the data's.
MARGIN = 0.1

#: level of each of the two one-sided tests
LEVEL = 0.05

#: the possible verdicts
MATCHED, NOT_MATCHED, UNDECIDED = "matched", "not matched", "undecided"

#: columns of the runs that the test needs: both distances, each with its 95 % floor
NEEDED = ("d2", "d2_floor95", "smooth", "smooth_floor95")

#: reasons of verdicts
ONE_TRAINING, FEW_ROWS = "fewer than two trainings", "too few rows"
BEYOND, NEAR_MARGIN = "beyond the margin", "near the margin"


class Equivalence(NamedTuple):
    """Verdict of the test and its ``reason`` (empty if matched), with one-sided 95 % bounds on D^2.

    The bounds are NaN with fewer than two values.
    """

    verdict: str
    reason: str
    low: float
    high: float


def equivalence(runs: pd.DataFrame, failed: int) -> Equivalence:
    """Test whether the mean over trainings of D^2 is below or above the squared margin.

    ``runs``: one row per training with a value, with the columns :data:`NEEDED`: ``d2``, the squared Mahalanobis
    distance between the means of fresh samples and of test rows less its expectation under equal means, ``smooth``, the
    mean over the statistics of |difference of means| in standard deviations, and the 95 % quantile of each for a
    model with the means of the training rows; ``smooth`` and its quantile are NaN for samples that are worth too few.
    ``failed``: number of trainings without a value.

    D is the largest difference of means over all linear combinations of the statistics, in standard deviations. So
    D < margin is the intersection of one equivalence test per combination, each single statistic among them; an
    intersection-union test needs no correction for their number (Berger 1982; Wellek 2010, multivariate equivalence).
    With m, s the mean and standard deviation over n trainings and t = t_{.95, n-1},

        high = m(d2) + t s(d2) / sqrt(n),    low = m(d2 - d2_floor95) - t s(d2 - d2_floor95) / sqrt(n).

    Matched if high < margin^2; not matched if low > margin^2, or if a training failed. The floor in ``low`` allows for
    the sampling errors of samples, test and training rows. If the mean floor is above margin^2, rows are too few to
    show a match, however good the model, and for the covariance in d2: ``low`` is then the square of the same bound on
    smooth - smooth_floor95, which is at most D and needs no covariance.
    """
    n, most = len(runs), MARGIN**2
    few = bool(runs["d2_floor95"].mean() >= most)
    distance = interval(runs["d2"], 2 * LEVEL)
    low, high = _low_by_mean(runs) if few else _low(runs["d2"] - runs["d2_floor95"]), distance.mean + distance.half
    if failed:
        return Equivalence(NOT_MATCHED, f"{failed} of {n + failed} failed", low, high)
    if n < 2:
        return Equivalence(UNDECIDED, ONE_TRAINING, low, high)
    if low > most:
        return Equivalence(NOT_MATCHED, BEYOND, low, high)
    if few:
        return Equivalence(UNDECIDED, FEW_ROWS, low, high)
    return Equivalence(MATCHED, "", low, high) if high < most else Equivalence(UNDECIDED, NEAR_MARGIN, low, high)


def _low(values: pd.Series) -> float:
    """Return the one-sided lower bound on the mean of the ``values`` that there are."""
    of = interval(values.dropna(), 2 * LEVEL)
    return of.mean - of.half


def _low_by_mean(runs: pd.DataFrame) -> float:
    """Return the lower bound on D^2 that the mean mismatch gives, 0 or more; NaN with fewer than two runs."""
    low = _low(runs["smooth"] - runs["smooth_floor95"])
    return low**2 if math.isnan(low) or low > 0 else 0.0
