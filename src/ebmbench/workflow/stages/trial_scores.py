"""Scores of the trials of a search, and the choice among them. Imports no torch."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import read_typed
from ebmbench.planning import search_criteria
from ebmbench.planning.tuning import Choice, choose


def scores(table: pd.DataFrame) -> dict[int, float]:
    """Return the score of each trial of a stage by number: the mean over its seeds, NaN if one has none."""
    column = search_criteria.of_table(table.columns).column
    means = table.groupby("trial", sort=True)[column].agg(lambda of: of.astype(float).mean(skipna=False))
    return {int(number): float(value) for number, value in means.items()}


def choice(table: pd.DataFrame, before: Path | None) -> Choice:
    """Return the choice among the trials of a stage: the lowest score, or where none has one that of the stage before.

    ``table``: the rows of trials.csv, without or with the column ``chosen``; ``before``: trials.csv of the stage
    before. Without one the cell stays as configured.
    """
    found = choose(dict(zip(table["trial"].astype(int), table["settings"].map(json.loads), strict=True)), scores(table))
    if found.sound or before is None:
        return found
    earlier = read_typed(before)
    kept = earlier[earlier["chosen"].astype(bool)].drop_duplicates("trial")
    return next(
        (Choice(int(row.trial), json.loads(row.settings), found.sound) for row in kept.itertuples(index=False)), found
    )
