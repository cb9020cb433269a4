"""Best methods of a data set, and the adjustment of p-values for multiple tests."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.paired import paired

#: level of every test, and of the critical difference
LEVEL = 0.05

Method = tuple[str, str, str]


def best_methods(scores: pd.DataFrame, column: Column) -> set[Method]:
    """Return the best trained method on one data set, and those statistically tied with it.

    The best method has the best mean over seeds. Every other method is compared with it by a two-sided t-test on
    differences paired by seed, adjusted by Holm over the methods, and is tied with it if p > .05. The group is empty if
    no two methods share two seeds; a method that shares fewer than two with the best is untested and left out.
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
    others = [name for name in values if name != best]
    p = holm_adjusted(np.array([paired(values[name], values[best]).p for name in others]))
    tied = [name for name, value in zip(others, p, strict=True) if value > LEVEL]
    return {best, *tied} if not np.isnan(p).all() else set()


def holm_adjusted(p: np.ndarray) -> np.ndarray:
    """Adjust p-values for multiple tests: max_{j <= i} min(1, (m - j + 1) p_(j)) for the i-th smallest of m.

    ``p: (m,)`` -> ``(m,)`` in the same order (Holm 1979). Rejecting where the result is at most a level makes any false
    rejection at most that probable. A NaN is no test: it stays NaN and is not among the m.
    """
    # statsmodels' multipletests gives the same, but collects garbage at each call: .2 s in a process that holds torch
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    stepped = np.minimum(1.0, np.arange(len(order), 0, -1) * p[order])
    found = np.full(len(p), math.nan)
    found[order] = np.maximum.accumulate(stepped)
    return found
