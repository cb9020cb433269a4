"""Rows with missing values: refused, or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError, counted
from ebmbench.data.own_table.drop import write_drop

if TYPE_CHECKING:
    import pandas as pd


def complete_rows(frame: pd.DataFrame, missing: str) -> np.ndarray:
    """Return which rows have a value in every column, ``(N,)`` bool; with ``missing: error``, all rows must.

    Raises :class:`RefusedFileError` otherwise, for a column without any value, and if no row is complete.
    """
    gaps = frame.isna().to_numpy()
    incomplete = gaps.any(axis=1)
    if not incomplete.any():
        return ~incomplete
    numbers = gaps.sum(axis=0)
    empty = [str(name) for name, number in zip(frame.columns, numbers, strict=True) if number == len(frame)]
    if empty:
        raise RefusedFileError(f"column {empty[0]} has no values; {write_drop(empty)}")
    rows = counted(int(incomplete.sum()), "row")
    place = int(numbers.argmax() if missing == "drop" else (numbers > 0).argmax())
    if missing == "drop" and not incomplete.all():
        return ~incomplete
    values = counted(int(numbers[place]), "value")
    others = int((numbers > 0).sum()) - 1
    more = f" (and some in {counted(others, 'other column')})" if others else ""
    name, row = str(frame.columns[place]), int(gaps[:, place].argmax()) + 1
    where = f"column {name}: {values} missing, the first in row {row}{more}"
    if missing == "drop":
        raise RefusedFileError(f"every row has a missing value; {where}; {write_drop([name])}")
    raise RefusedFileError(f"{where}; write missing: drop to leave out the {rows} with missing values")
