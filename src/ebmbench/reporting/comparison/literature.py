"""Literature results next to measured values of the same data set, family, loss, metric, split. Imports no torch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ebmbench.core.columns import MODEL
from ebmbench.core.csv_schema import check, read_text, read_typed
from ebmbench.core.schemas import read_schema
from ebmbench.planning.comparisons import FINISHED

#: columns of the table, in order
COLUMNS = (
    *("dataset", "family", "loss", "metric", "split", "unit", "mean", "ci_low", "ci_high", "seeds"),
    *("failed", "failures", "marks"),
    *("published", "published_what", "published_epoch", "published_seeds"),
    *("certainty", "paper", "source", "note"),
)


def read_literature(folder: Path, schema: Path) -> pd.DataFrame:
    """Read all csv files in ``folder``, if any; raises :class:`UserError` for a file that ``schema`` rejects."""
    form = read_schema(schema)
    tables = [pd.DataFrame(columns=form["required"])]
    for path in sorted(folder.glob("*.csv")):
        check(read_text(path, form["required"]), form, path)
        tables.append(read_typed(path))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def matched_with_runs(summary: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Return one row per literature result with a measured counterpart, the mean over our seeds with its interval.

    The columns are :data:`COLUMNS`. Measured values are of the models' own distribution, without matched statistics.
    """
    ours = summary[(summary["distribution"] == MODEL) & (summary["stats"] == "none")]
    names = {"method": "loss", "value": "published", "what": "published_what", "epoch": "published_epoch"}
    theirs = published[published["what"].isin(FINISHED)].rename(columns=names | {"seeds": "published_seeds"})
    key = ["dataset", "family", "loss", "metric", "split"]
    both = ours.drop(columns=["unit"]).merge(theirs, on=key)
    return both.sort_values([*key, "published_what"], kind="stable")[list(COLUMNS)]
