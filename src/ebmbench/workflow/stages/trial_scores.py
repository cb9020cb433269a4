"""Scores of the trials of a search. Imports no torch."""

from __future__ import annotations

import pandas as pd

from ebmbench.planning import search_criteria


def scores(table: pd.DataFrame) -> dict[int, float]:
    """Return the score of each trial of a stage by number: the mean over its seeds, NaN if one has none."""
    column = search_criteria.of_table(table.columns).column
    means = table.groupby("trial", sort=True)[column].agg(lambda of: of.astype(float).mean(skipna=False))
    return {int(number): float(value) for number, value in means.items()}
