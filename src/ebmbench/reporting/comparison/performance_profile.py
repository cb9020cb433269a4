"""Performance profiles: the fraction of data sets on which a method comes within a distance of the best."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.columns import Column
from ebmbench.reporting.comparison.distance import distances, scale_of
from ebmbench.reporting.comparison.rank_blocks import Block

#: columns of the table
COLUMNS = (*Column._fields, "unit", "datasets", *AXES[1:], "distance", "fraction")


def profile(of: Block) -> pd.DataFrame:
    """Return the steps of every method's profile rho(t) = |{data sets: distance to the best <= t}| / n.

    One row per step, from distance 0 on (Dolan and More 2002). Distances are on the metric's scale, so that exp(t) is
    the factor tau of positive errors. A data set on which the method failed counts in n and is never within reach.
    """
    found = distances(of.values, of.column.metric)
    head = {**of.column._asdict(), "unit": scale_of(of.column.metric).unit, "datasets": len(found)}
    rows = []
    for name in found:
        reached = np.sort(found[name][np.isfinite(found[name])].to_numpy())
        method = head | dict(zip(AXES[1:], name, strict=True))
        for distance in np.union1d(reached, [0.0]):
            fraction = np.searchsorted(reached, distance, side="right") / len(found)
            rows.append(method | {"distance": distance, "fraction": fraction})
    return pd.DataFrame(rows, columns=list(COLUMNS))
