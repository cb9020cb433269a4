"""The page of a table: its columns, their strongest correlations, and what was done to the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ebmbench.data.interface import SPLITS
from ebmbench.reporting.copy_counts import copies_sentence
from ebmbench.reporting.markdown import markdown

#: quantiles of each column, and their names
QUANTILES = {"min": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "max": 1.0}

#: pairs of columns on the page
PAIRS = 10

_ABOUT = (
    "{rows:,} rows of {columns} columns, before noise, in the table's own units. `distinct`: number of different "
    "values; `most frequent` and `of rows`: the value that occurs most often, and the fraction of rows that have it."
)

_CORRELATED = "The {number} pairs of columns with the strongest linear correlation, of all rows before noise."


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


def table_page(
    title: str, rows: np.ndarray, names: Sequence[str], facts: Mapping[str, object], blocks: Sequence[Mapping]
) -> str:
    """Return the page of a table with the raw ``rows: (N, D)``.

    ``facts``: those of the data set; ``blocks``: its JSON files, one for each block of seeds.
    """
    about = _ABOUT.format(rows=len(rows), columns=len(names))
    notes = [*_split_sizes(blocks), *(f"{name}: {fact}" for name, fact in facts.items())]
    copies = copies_sentence([counts for block in blocks for counts in block["copies"].values()])
    pairs = strongest_correlations(rows, names)
    pages = [
        markdown(title, about, _shown(column_summary(rows, names)), notes=[*notes, *([copies] if copies else [])]),
        markdown("Correlations", _CORRELATED.format(number=len(pairs)), _shown(pairs)),
    ]
    return "\n".join([pages[0], f"#{pages[1]}"])


def _split_sizes(blocks: Sequence[Mapping]) -> list[str]:
    """Say how many rows each split has, for each number that occurs."""
    sizes = sorted({tuple(size) for block in blocks for size in block["sizes"].values()}, reverse=True)
    listed = [", ".join(f"{size:,} {split}" for size, split in zip(of, SPLITS, strict=True)) for of in sizes]
    return [f"rows in the splits of a seed: {' or '.join(listed)}"] if len(listed) <= PAIRS else []


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(lambda value: value if isinstance(value, str) else f"{value:.4g}" if value % 1 else f"{value:.0f}")
