"""Committed tables, and rows of them."""

from functools import cache

import pandas as pd

from ebmbench.planning.reference_runs import rungs_of
from tests.helpers.paths import ROOT

RESULTS = ROOT / "results"

#: the committed runs of Energy Discrepancy's comparison by budget, ascending, and the one of the largest
RUNGS = list(rungs_of(RESULTS / "reference", "energy_discrepancy").values())
TOP = RUNGS[-1]


@cache
def read(name):
    """The table ``name``, a path in ``results``."""
    return pd.read_csv(RESULTS / name, keep_default_na=False, na_values=[""], low_memory=False)


def of(table, **names):
    """The rows with these values."""
    for axis, value in names.items():
        table = table[table[axis] == value]
    return table


def only(table, **names):
    """The one row with these values."""
    (row,) = of(table, **names).itertuples()
    return row
