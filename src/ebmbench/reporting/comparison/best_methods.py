"""Which methods of a table are as good as the best, as far as its seeds tell."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtr

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison import holm
from ebmbench.reporting.comparison.tables import Column

#: level at which a method is told from the best
LEVEL = 0.05

Method = tuple[str, str, str]


def leaders(scores: pd.DataFrame, column: Column) -> set[Method]:
    """Of the trained methods on one data set, the best and all that are not told from it.

    Best: the mean over seeds. Each other method is compared with it by the t-test on their differences by seed, two
    sides, adjusted by Holm over the methods, and is told from it at p <= .05. Nobody leads where no two methods share
    two seeds, and a method that shares less than two with the best is not of the group: nothing was tested.
    """
    direction = described(column.metric).direction
    rows = scores[(scores["metric"] == column.metric) & (scores["split"] == column.split)]
    rows = rows[(rows["law"] == column.law) & (rows["status"] == "ok") & (rows["loss"] != "none")]
    sign = {"lower": 1.0, "higher": -1.0}.get(direction, math.nan)
    values = {name: sign * of.set_index("seed")["value"].astype(float) for name, of in rows.groupby(list(AXES[1:]))}
    values = {name: of for name, of in values.items() if len(of) >= 2 and of.notna().all()}
    if len(values) < 2:
        return set()
    best = min(values, key=lambda name: values[name].mean())
    tested = {name: _p(of, values[best]) for name, of in values.items() if name != best}
    return {best, *_tied(tested)} if any(not math.isnan(p) for p in tested.values()) else set()


def _p(of: pd.Series, best: pd.Series) -> float:
    """Two-sided p of the t-test on paired differences; NaN with less than two pairs, 0 or 1 without spread."""
    d = (of - best).dropna()
    if len(d) < 2:
        return math.nan
    spread = d.std(ddof=1)
    if spread == 0:
        return float(d.mean() == 0)
    return 2 * float(stdtr(len(d) - 1, -abs(d.mean()) * math.sqrt(len(d)) / spread))


def _tied(p: Mapping[Method, float]) -> list[Method]:
    names = [name for name, value in p.items() if not math.isnan(value)]
    values = holm.adjusted(np.array([p[name] for name in names]))
    return [name for name, value in zip(names, values, strict=True) if value > LEVEL]
