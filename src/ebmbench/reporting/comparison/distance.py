"""Distances between methods on a metric's own scale: log ratios of positive errors, differences of everything else."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.evaluation.metrics.registry.scale import TINY


class Scale(NamedTuple):
    """A metric's scale: distances are in ``unit`` and matter above ``margin``; ``ratio`` if they are log ratios.

    ``margin_text``: the margin as a sentence names it: ``a factor of 1.25``, ``0.05 nats``, or ``0``.
    """

    unit: str
    margin: float
    margin_text: str
    ratio: bool


def scale_of(metric: str) -> Scale:
    """Return the scale that the registry declares for a metric."""
    entry = described(metric)
    unit = "log ratio" if entry.scale.positive else entry.unit
    return Scale(unit, entry.scale.margin, entry.margin_text, entry.scale.positive)


def losses(values: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return values on the metric's scale, signed so that lower is better; no result is infinite and stays so."""
    sign = {"lower": 1.0, "higher": -1.0}.get(described(metric).direction, math.nan)
    worst = np.isinf(values)
    finite = values.where(~worst, 1.0).to_numpy(float)
    changed = np.log(np.maximum(finite, TINY)) if scale_of(metric).ratio else finite
    return pd.DataFrame(sign * changed, index=values.index, columns=values.columns).mask(worst, math.inf)


def distances(values: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return each value's distance to the best of its row, at least 0; infinite where a method has no result."""
    of = losses(values, metric)
    best = of.min(axis="columns").replace(math.inf, 0.0)
    return of.sub(best, axis="index")
