"""Checks of a table of complete numbers: its size, and columns that cannot be modelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError, counted
from ebmbench.data.own_table.drop import write_drop

if TYPE_CHECKING:
    import pandas as pd

#: the largest magnitude whose square, summed over many rows, is finite in float64, and the least spread above rounding
LARGEST = 1e140
LEAST_SPREAD = 1e-140

#: values that differ by fewer steps of float64 than this differ by rounding
LEAST_STEPS = 100

#: whole numbers beyond this have no number of their own in float64
LARGEST_WHOLE = 2.0**53


def check_rows(rows: int, columns: int, least: int) -> None:
    """Raise :class:`RefusedFileError` for fewer than ``least`` rows, which the whitening of ``columns`` needs."""
    if rows >= least:
        return
    found = f"{counted(rows, 'row')} and {counted(columns, 'column')}"
    more = "more columns than rows: " if columns > rows else ""
    most = max(rows // 10 - 1, 0)
    fewer = f", or at most {counted(most, 'column')} by columns: [...]" if most else ""
    raise RefusedFileError(f"{more}{found}; allowed: {least} or more rows{fewer}")


def check_columns(values: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise :class:`RefusedFileError` for constant columns and columns that number the rows.

    A column that is named in the setting ``columns`` may number the rows.
    """
    for name in values.columns:
        column = values[name].to_numpy()
        largest = float(np.abs(column).max())
        by_rounding = np.ptp(column) < LEAST_STEPS * np.spacing(largest)
        if by_rounding and largest > LARGEST_WHOLE:
            raise RefusedFileError(
                f"column {name}: float64 cannot tell its values near {largest:.6g} apart; subtract an offset from "
                f"them, or {write_drop([name])}"
            )
        if (column == column[0]).all():
            raise RefusedFileError(f"column {name} has the value {column[0]:g} in every row; {write_drop([name])}")
        if column.max() - column.min() < LEAST_SPREAD:
            raise RefusedFileError(f"column {name}: values differ by less than {LEAST_SPREAD:g}; use another unit")
        if by_rounding:
            raise RefusedFileError(
                f"column {name}: values differ from {column[0]:g} by rounding alone; {write_drop([name])}"
            )
        if name not in columns and numbers_rows(column):
            raise RefusedFileError(
                f"column {name} numbers the rows: its values are distinct whole numbers, from {column.min():.0f} to "
                f"{column.max():.0f}; {write_drop([name])}, or name it in columns to model it"
            )


def numbers_rows(column: np.ndarray) -> bool:
    """Return whether values are distinct whole numbers that ascend, or that have no gaps in any order."""
    whole = (column == np.floor(column)).all() and len(np.unique(column)) == len(column)
    return bool(whole and ((np.diff(column) > 0).all() or column.max() - column.min() == len(column) - 1))


def check_finite(values: pd.DataFrame) -> None:
    """Raise :class:`RefusedFileError` for infinite values, and for those beyond :data:`LARGEST`."""
    for name in values.columns:
        column = values[name].to_numpy()
        for bad, what in ((np.isinf(column), "infinite"), (np.abs(column) > LARGEST, f"beyond {LARGEST:g}")):
            if bad.any():
                row, number = values.index[int(bad.argmax())] + 1, counted(int(bad.sum()), "value")
                raise RefusedFileError(
                    f"column {name}: {number} {what}, the first in row {row}; correct the file, or {write_drop([name])}"
                )
