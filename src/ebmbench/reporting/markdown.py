"""Markdown pages from data frames, each with a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.readers_table import legends

#: columns of metrics that a table of a page shows at most; the others follow in tables of their own
MOST = 6

#: put before the tables of the other columns
FURTHER = "**Further metrics**"


def markdown(title: str, about: str, table: pd.DataFrame, keys: int | None = None, notes: Sequence[str] = ()) -> str:
    """Return a page: the title, the caption, the table (``None.`` if it has no rows), and a list of notes.

    ``keys``: the number of leading columns that name a row. With it, columns beyond :data:`MOST` others follow under
    :data:`FURTHER`, each table with the keys again. The last notes are the meanings of [low, high] and † if shown.
    """
    first, *further = split_columns(table, keys) if keys is not None else [table]
    listed = [*notes, *legends(table)]
    parts = [f"# {title}", about, _body(first)]
    parts += [FURTHER, *map(_body, further)] if further else []
    parts += ["\n".join(f"* {note}" for note in listed)] if listed else []
    return "\n\n".join(parts) + "\n"


def write_both(
    stem: Path, table: pd.DataFrame, title: str, about: str, shown: pd.DataFrame, keys: int | None = None
) -> None:
    """Write the ``table`` to ``stem.csv``, and a page with its readable version ``shown`` to ``stem.md``."""
    write_csv(stem.with_suffix(".csv"), table)
    write_text(stem.with_suffix(".md"), markdown(title, about, shown, keys))


def split_columns(table: pd.DataFrame, keys: int) -> list[pd.DataFrame]:
    """Split a table so that each part has its first ``keys`` columns and at most :data:`MOST` others.

    The first part has as many as it can, and the other parts share the rest evenly.
    """
    names, others = list(table.columns[:keys]), list(table.columns[keys:])
    first, rest = others[:MOST], others[MOST:]
    size = math.ceil(len(rest) / max(math.ceil(len(rest) / MOST), 1))
    parts = [first, *(rest[at : at + size] for at in range(0, len(rest), max(size, 1)))]
    return [table[[*names, *part]] for part in parts]


def _body(table: pd.DataFrame) -> str:
    return str(table.to_markdown(index=False, disable_numparse=True)) if len(table) else "None."
