"""Summary of a table: its columns, and their strongest correlations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ebmbench.reporting.data_page import Section, Summary

#: quantiles of each column, and their names
QUANTILES = {"min": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "max": 1.0}

#: pairs of columns on the page
PAIRS = 10

_ABOUT = (
    "{rows:,} rows of {columns} columns, before noise, in the table's own units. `distinct`: number of different "
    "values; `most frequent` and `of rows`: the value that occurs most often, and the fraction of rows that have it."
)

_CORRELATED = "The {number} pairs of columns with the strongest linear correlation, of all rows before noise."


def table_summary(rows: np.ndarray, names: Sequence[str]) -> Summary:
    """Summarise the raw ``rows: (N, D)`` of a table with columns ``names``."""
    pairs = strongest_correlations(rows, names)
    return Summary(
        _ABOUT.format(rows=len(rows), columns=len(names)),
        column_summary(rows, names),
        [Section("Correlations", _CORRELATED.format(number=len(pairs)), pairs)],
    )


def column_summary(rows: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Return one row per column of ``rows: (N, D)``: mean, standard deviation (divided by N), quantiles, repeats.

    Quantiles are those of linear interpolation between ordered values.
    """
    return pd.DataFrame([{"column": name} | _summary(values) for name, values in zip(names, rows.T, strict=True)])


def _summary(values: np.ndarray) -> dict[str, float]:
    quantiles = np.quantile(values, list(QUANTILES.values()))
    distinct, counts = np.unique(values, return_counts=True)
    return {
        "mean": values.mean(),
        "sd": values.std(),
        **dict(zip(QUANTILES, quantiles, strict=True)),
        "distinct": len(distinct),
        "most frequent": distinct[counts.argmax()],
        "of rows": counts.max() / len(values),
    }


def strongest_correlations(rows: np.ndarray, names: Sequence[str], number: int = PAIRS) -> pd.DataFrame:
    """Return the ``number`` pairs of columns of ``rows: (N, D)`` with the largest absolute linear correlation."""
    first, second = np.triu_indices(len(names), k=1)
    scaled = (rows - rows.mean(0)) / rows.std(0)
    found = (scaled.T @ scaled / len(rows))[first, second]
    order = np.argsort(-np.abs(found), kind="stable")[:number]
    columns = {"column": [names[at] for at in first[order]], "other": [names[at] for at in second[order]]}
    return pd.DataFrame(columns | {"correlation": found[order]})
