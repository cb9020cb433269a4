"""Read the tables that an audit compares, so that a damaged cell is a finding and never an error."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from ebmbench.core.csv_schema import Schema, read_fields, violations
from ebmbench.core.errors import UserError
from ebmbench.provenance.audit.finding import FAILED, OK, Finding

CHECK = "cells"

#: columns of scores and of tables made from them that hold numbers
NUMBERS = ("value", "stderr")

_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)


def read_cells(path: Path, schema: Schema) -> pd.DataFrame:
    """Read a table with every field as text; raise :class:`UserError` for a missing file or another set of columns."""
    table = read_fields(path)
    allowed = [*schema["properties"], *schema.get("patternProperties", {})]
    missing = [name for name in schema["required"] if name not in table]
    unknown = [name for name in table if not any(re.fullmatch(_pattern(of), name) for of in allowed)]
    for complaint, names in (("missing", missing), ("unknown", unknown)):
        if names:
            raise UserError(f"{path}: columns {complaint}: {', '.join(names)}")
    return table


def with_numbers(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the table with the fields of ``columns`` as float64: NaN where a field is no finite number."""
    return table.assign(**{name: [_number(text) for text in table[name]] for name in columns})


def against_schema(table: pd.DataFrame, schema: Schema, name: str) -> list[Finding]:
    """Return one finding for each cell of the table ``name`` that violates ``schema``; rows count from 1."""
    return [Finding(CHECK, f"{name}, row {row}", FAILED, sentence) for row, sentence in violations(table, schema)]


def not_finite(table: pd.DataFrame, name: str) -> list[Finding]:
    """Return one finding for each cell of the table ``name`` that says NaN or infinity; rows count from 1.

    In the columns :data:`NUMBERS` any text but a finite number counts, too.
    """
    found = []
    for column in table:
        damaged = [text for text in table[column].unique() if _is_damaged(column, text)]
        for row in table[column].isin(damaged).to_numpy().nonzero()[0].tolist():
            detail = f"{column} = {table[column].iloc[row]!r}; allowed: a finite number, or empty"
            found.append((row, Finding(CHECK, f"{name}, row {row + 1}", FAILED, detail)))
    return [finding for _, finding in sorted(found, key=lambda of: of[0])]


def in_committed(reference: Path, checked: Collection[Path]) -> tuple[list[Finding], int]:
    """Return findings on the committed tables but the ``checked`` ones, and the number of tables.

    Cells that say NaN or infinity, and files that are no tables. Tables of figures are left out, where an infinite
    value can be what a method found.
    """
    found: list[Finding] = []
    paths = [path for path in sorted(reference.glob("*/*.csv")) if path not in checked]
    for path in paths:
        name = path.relative_to(reference).as_posix()
        try:
            found += not_finite(read_fields(path), name)
        except UserError as error:
            found.append(Finding(CHECK, name, FAILED, str(error)))
    return found, len(paths)


def summary(found: list[Finding], tables: int) -> list[Finding]:
    """Return the check's summary line followed by ``found``."""
    detail = f"{tables} tables read, {len(found)} cells that no table may have"
    return [Finding(CHECK, "all", FAILED if found else OK, detail), *found]


def _is_damaged(column: str, text: str) -> bool:
    if column in NUMBERS and text:
        return math.isnan(_number(text))
    return _NOT_FINITE.fullmatch(text) is not None


def _pattern(column: str) -> str:
    return column if column.startswith("^") else re.escape(column)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
