"""The mark at the heading of a table's column that fails a control."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from ebmbench.reporting.comparison.columns import Column, heading

#: at the heading of a column whose metric fails a control on the data set
MARK = "‡"

#: caption of a table with such a heading
LEGEND = (
    f"{MARK} means that the metric fails a control on this data set (controls.md): it ranks real data behind a model, "
    "or cannot tell a much simpler model from the best; it decides no claim there."
)


def marked(table: pd.DataFrame, failing: Collection[Column]) -> pd.DataFrame:
    """Return a reader's table with the mark at the headings of ``failing`` columns."""
    return table.rename(columns={heading(column): f"{heading(column)} {MARK}" for column in failing})


def legend(table: pd.DataFrame) -> str:
    """Return :data:`LEGEND` if a heading of a reader's table has the mark, else an empty text."""
    return LEGEND if any(str(name).endswith(MARK) for name in table.columns) else ""
