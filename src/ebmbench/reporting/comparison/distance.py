"""Distances between methods on a metric's own scale: log ratios of positive errors, differences of everything else."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from ebmbench.evaluation.metrics.registry import metric as described

#: first words of the names of positive errors, whose sizes differ by orders of magnitude between data sets
_POSITIVE = ("kl", "sliced_wasserstein", "manifold_", "mse_", "reconstruction_mse", "fd_", "fid")

#: values below this are rounding errors of a positive error
_ROUNDING = 1e-12

#: unit -> the difference that is too small to matter
_MARGINS = {"nats": 0.1}


class Scale(NamedTuple):
    """A metric's scale: distances are in ``unit`` and matter above ``margin``; ``ratio`` if they are log ratios."""

    unit: str
    margin: float
    ratio: bool

    @property
    def margin_text(self) -> str:
        """The margin as a sentence names it: ``a factor of 1.25``, ``0.1 nats``, or ``0``."""
        if self.ratio:
            return f"a factor of {math.exp(self.margin):g}"
        return f"{self.margin:g} {self.unit}" if self.margin else "0"


#: the scale of positive errors, with a factor of 1.25 as its margin
RATIO = Scale("log ratio", math.log(1.25), ratio=True)


def scale_of(metric: str) -> Scale:
    """Return the scale of a metric: logarithms of positive errors, else the values themselves in the metric's unit."""
    if metric.startswith(_POSITIVE):
        return RATIO
    unit = described(metric).unit
    return Scale(unit, _MARGINS.get(unit, 0.0), ratio=False)


def losses(values: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return values on the metric's scale, signed so that lower is better; no result is infinite and stays so."""
    sign = {"lower": 1.0, "higher": -1.0}.get(described(metric).direction, math.nan)
    worst = np.isinf(values)
    finite = values.where(~worst, 1.0).to_numpy(float)
    changed = np.log(np.maximum(finite, _ROUNDING)) if scale_of(metric).ratio else finite
    return pd.DataFrame(sign * changed, index=values.index, columns=values.columns).mask(worst, math.inf)


def distances(values: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return each value's distance to the best of its row, at least 0; infinite where a method has no result."""
    of = losses(values, metric)
    best = of.min(axis="columns").replace(math.inf, 0.0)
    return of.sub(best, axis="index")
