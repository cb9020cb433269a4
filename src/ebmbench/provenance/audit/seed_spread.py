"""Spread of a run's values over seeds, the unit in which an audit measures how far a trained value moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ebmbench.core.columns import SCORES_KEY

#: the loss entry of models that are not trained
CONTROL = "none"

#: columns that identify a value of a cell, whatever the seed
CELL_VALUE = tuple(name for name in SCORES_KEY if name != "seed")

#: columns that group cells for the typical spread over seeds
_METRIC = ["dataset", "metric", "split", "distribution"]


def spread(scores: pd.DataFrame) -> pd.Series:
    """Return the spread over seeds for each row: the cell's standard deviation or, if larger, its data set's median.

    The median is over the data set's trained cells: two seeds agree by chance too often.
    """
    ok = scores[(scores["status"] == "ok") & (scores["loss"] != CONTROL)]
    cells = list(CELL_VALUE)
    own = ok.groupby(cells)["value"].std().rename("own")
    typical = own.groupby(_METRIC).median().rename("typical")
    both = scores[cells].join(own, on=cells).join(typical, on=_METRIC)
    return both[["own", "typical"]].max(axis="columns").fillna(0.0)


def scale(scores: pd.DataFrame) -> pd.Series:
    """Return sqrt(s² + 2 e²) for each row: s is its :func:`spread`, e its Monte-Carlo error, which two runs have."""
    return np.sqrt(spread(scores) ** 2 + 2 * scores["stderr"].astype(float).fillna(0.0) ** 2)
