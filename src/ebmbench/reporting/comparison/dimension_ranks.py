"""Mean ranks of methods by exact KL over the data sets of each dimension."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.rank_blocks import Block

_METHOD = list(AXES[1:])

#: columns of the table; kl: geometric mean over the data sets, empty if one has no positive result
COLUMNS = ("dim", "datasets", *_METHOD, "mean_rank", "kl")


def dimension_ranks(facts: pd.DataFrame, of: Block) -> pd.DataFrame:
    """Return one row per method and dimension: its mean rank over the data sets of that dimension.

    ``facts`` has ``dataset`` and ``dim``. Ranks within a data set are those of the block, in which all methods have all
    data sets, so that they are comparable between dimensions. The table is empty if all data sets have one dimension.
    """
    dims = facts.set_index("dataset")["dim"].reindex(of.values.index)
    if dims.nunique() < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    ranks = of.ranks.groupby(dims).mean()
    values = of.values.where((of.values > 0) & np.isfinite(of.values))
    means = np.exp(np.log(values).groupby(dims).agg(lambda column: column.mean(skipna=False)))
    counts = dims.value_counts()
    rows = [
        {"dim": int(dim), "datasets": int(counts[dim]), **dict(zip(_METHOD, name, strict=True))}
        | {"mean_rank": ranks.loc[dim, name], "kl": means.loc[dim, name]}
        for dim in ranks.index
        for name in of.values
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
