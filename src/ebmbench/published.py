"""Published numbers beside measured ones of the same data set, family, loss, metric and split. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ebmbench.cells import Cell
from ebmbench.columns import MODEL
from ebmbench.rows import check, read_schema, read_text, read_typed

#: what a published row may be of and still be one number of a finished training
FINISHED = ("min", "max", "last", "mean")

#: columns of the table, in order
COLUMNS = (
    *("dataset", "family", "loss", "metric", "split", "unit", "mean", "ci_low", "ci_high", "seeds"),
    *("failed", "failures", "marks"),
    *("published", "published_what", "published_epoch", "published_seeds"),
    *("certainty", "paper", "source", "note"),
)


def read(folder: Path, schema: Path) -> pd.DataFrame:
    """All rows of the csv files in ``folder``, if any; raises :class:`UserError` for one that ``schema`` refuses."""
    form = read_schema(schema)
    tables = [pd.DataFrame(columns=form["required"])]
    for path in sorted(folder.glob("*.csv")):
        check(read_text(path, form["required"]), form, path)
        tables.append(read_typed(path))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def has_any(cells: Iterable[Cell], published: pd.DataFrame) -> bool:
    """Whether a published number stands beside one of the cells."""
    told = published[published["what"].isin(FINISHED)]
    of = set(zip(told["dataset"], told["family"], told["method"], strict=True))
    return any((cell.dataset, cell.family, cell.loss) in of for cell in cells if cell.stats == "none")


def beside(summary: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """One row a published number that has a measured one: :data:`COLUMNS`, the mean over our seeds with its interval.

    Measured ones are the models' own law, without matched statistics.
    """
    ours = summary[(summary["law"] == MODEL) & (summary["stats"] == "none")]
    names = {"method": "loss", "value": "published", "what": "published_what", "epoch": "published_epoch"}
    theirs = published[published["what"].isin(FINISHED)].rename(columns=names | {"seeds": "published_seeds"})
    key = ["dataset", "family", "loss", "metric", "split"]
    both = ours.drop(columns=["unit"]).merge(theirs, on=key)
    return both.sort_values([*key, "published_what"], kind="stable")[list(COLUMNS)]
