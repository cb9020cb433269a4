"""Table of one data set for a reader: one row per method, one column per metric."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.reporting.comparison.columns import Column, columns_of, heading
from ebmbench.reporting.comparison.control_marks import legend
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.summary import is_given
from ebmbench.reporting.number_text import interval_text

#: shown in a field whose mean includes marked runs
DAGGER = "†"

#: caption of every table with a dagger
DAGGER_LEGEND = (
    f"{DAGGER} means that the mean includes runs with unconverged chains, or with an optimiser as sampler, which "
    "samples no distribution; summary.csv counts them, sampling.md reports R-hat."
)

#: caption of every table with an interval by its ends
BOUNDS_LEGEND = (
    "[low, high] are the ends of a 95 % interval; they replace ± where half of the interval is larger than the mean."
)

_BOUNDS = re.compile(r"\d \[-?\d[^][]*, -?\d[^][]*\]")

#: put before and after text that a page shows in bold
BOLD = "**"

#: number of leading columns that name a row: method and runs
KEYS = 2

_METHOD = list(AXES[1:])


def readers_table(
    summary: pd.DataFrame, best: Mapping[Column, Collection[tuple[str, ...]]] | None = None
) -> pd.DataFrame:
    """Format one data set's summary: one row per method, one column per metric, the ``best`` of a column in bold.

    Sorted by the first of :func:`columns_of`, lowest first; methods without a value come last. Empty without methods.
    """
    leading = best or {}
    columns = columns_of(summary)
    rows = []
    for names, group in summary.groupby(_METHOD, sort=True):
        cells = {(row["metric"], row["split"], row["distribution"]): row for row in group.to_dict("records")}
        row = {"method": method_label(*names), "runs": int((group["seeds"] + group["failed"]).max())}
        row["rank"] = cells[columns[0]]["mean"] if columns and columns[0] in cells else math.nan
        texts = {column: cell_text(cells.get(column)) for column in columns}
        bold = {column: names in leading.get(column, ()) for column in columns}
        rows.append(row | {heading(c): f"{BOLD}{text}{BOLD}" if bold[c] else text for c, text in texts.items()})
    if not rows:
        return pd.DataFrame()
    return pd.DataFrame(rows).sort_values("rank", kind="stable").drop(columns="rank")


def legends(table: pd.DataFrame) -> list[str]:
    """Return the meanings of the signs that a reader's table shows: of [low, high], † and ‡, if they are there."""
    fields = [str(field) for row in table.itertuples(index=False) for field in row]
    bounds = [BOUNDS_LEGEND] if any(_BOUNDS.search(field) for field in fields) else []
    daggers = [DAGGER_LEGEND] if any(DAGGER in field for field in fields) else []
    return bounds + daggers + [of for of in (legend(table),) if of]


def cell_text(row: dict | None) -> str:
    """Format a row of a summary as ``mean ± half-width † (failures)``, † if a run in the mean is marked.

    Empty if the metric is not defined.
    """
    if row is None:
        return ""
    failures = f" ({row['failures']})" if row["failed"] else ""
    if not row["seeds"]:
        return f"—{failures}"
    mark = f" {DAGGER}" if is_given(row["marks"]) else ""
    positive = described(row["metric"]).scale.positive
    return interval_text(row["mean"], row["ci_high"] - row["mean"], positive) + mark + failures
