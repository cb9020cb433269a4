"""Runs of known mismatch: samples from a tilted standard normal distribution, scored as those of any model."""

import math
from typing import NamedTuple

import pandas as pd
import torch

from ebmbench.evaluation.metrics.mahalanobis import mahalanobis
from ebmbench.evaluation.metrics.mismatch import errors, mismatch, summaries
from ebmbench.evaluation.sample_size import POINTS
from ebmbench.models.statistics.moments import Moments
from tests.helpers.compared import sides
from tests.helpers.targets import generator


class Sizes(NamedTuple):
    """Numbers of model samples, test and training rows, and their dimension."""

    samples: int
    test: int
    train: int
    dim: int


#: of the committed runs: sets of points, and redwine
PLANE, REDWINE = Sizes(5000, 10_000, 50_000, 2), Sizes(3000, 159, 1281, 11)


def shift_of(distance):
    """The shift of the first mean, an exponential tilt of N(0, I), whose moments are ``distance`` sd away.

    Of T = (x, x_i x_j) a shift a changes x_1 by a and x_1^2, of variance 2, by a^2: D^2 = a^2 + a^4 / 2.
    """
    return math.sqrt(math.sqrt(1 + 2 * distance**2) - 1)


def scored(distances, sizes, seed):
    """By distance, what the scores hold of one run: all runs of a seed share its rows, as in a grid."""
    of = generator(seed)
    model, test, train = (torch.randn(n, sizes.dim, generator=of, dtype=torch.float64) for n in sizes[:3])
    statistic = Moments().fit(train)
    rows = []
    for distance in distances:
        tilted = model.clone()
        tilted[:, 0] += shift_of(distance)
        found = sides(statistic.value, tilted, test, train, len(tilted), seed)
        each = mismatch(found)
        drawn = errors(found, each)
        known = mahalanobis(found, each, drawn) | summaries(found, each, drawn, min(POINTS, *sizes[:3]))
        values = {"smooth": known["mean"], "smooth_floor95": known["floor95"], **known}
        rows.append({"distance": distance, "seed": seed} | {name: of.value for name, of in values.items()})
    return rows


def pool(distances, sizes, count):
    """A table of ``count`` runs of each distance."""
    return pd.DataFrame([row for seed in range(count) for row in scored(distances, sizes, seed)])
