"""Stage that writes the page of a table, and the summary of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ebmbench.core.files import read_json, write_csv, write_text
from ebmbench.data.tabular import Table
from ebmbench.reporting.table_page import column_summary, table_page


def write_table_page(table: Table, name: str, data: Sequence[Path], stem: Path) -> None:
    """Write ``stem.md`` and ``stem.csv`` of the data set ``name``; ``data``: its JSON files, one per block of seeds."""
    rows, names = table.raw_rows().numpy(), table.column_names()
    page = table_page(name, rows, names, table.facts(), [read_json(path) for path in data])
    write_csv(stem.with_suffix(".csv"), column_summary(rows, names))
    write_text(stem.with_suffix(".md"), page)
