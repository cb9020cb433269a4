"""Columns of a data frame as numbers; text is refused, or left out with its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError, counted
from ebmbench.data.own_table.drop import write_drop
from ebmbench.data.own_table.text import DECIMAL_COMMA

if TYPE_CHECKING:
    import pandas as pd


class Numbers(NamedTuple):
    """``values``: the columns with numbers, float64, missing values as NaN; ``text``: names of columns of text."""

    values: pd.DataFrame
    text: list[str]


def to_numbers(frame: pd.DataFrame, categories: str) -> Numbers:
    """Convert the columns of ``frame`` to float64; with ``categories: drop``, leave columns of text out.

    A column of text has no number at all. Raises :class:`RefusedFileError` for one that may not be left out, and for
    a column in which some values are numbers and others are not.
    """
    import pandas as pd

    converted: dict[str, np.ndarray] = {}
    text: list[str] = []
    for name in frame.columns:
        column = frame[name]
        numbers = _numbers(column)
        wrong = np.isnan(numbers) & column.notna().to_numpy()
        if not wrong.any():
            converted[name] = numbers
        elif categories == "drop" and not np.isfinite(numbers).any() and not _has_decimal_commas(column[wrong]):
            text.append(name)
        else:
            raise RefusedFileError(_line(name, column, wrong, some=bool(np.isfinite(numbers).any())))
    return Numbers(pd.DataFrame(converted, index=frame.index), text)


def _numbers(column: pd.Series) -> np.ndarray:
    """Return the values as float64, NaN for those that are no numbers."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype) or not _may_be_numbers(column):
        return np.full(len(column), np.nan)
    if column.dtype == np.float32:
        # the number that was meant: the shortest decimals, as a text file would have them
        return column.to_numpy().astype(str).astype(np.float64)
    try:
        found = pd.to_numeric(column, errors="coerce")
    except OverflowError:
        found = column.map(_number)
    # a whole number beyond float64 becomes infinite and is refused as such
    with np.errstate(over="ignore"):
        return found.to_numpy(dtype=np.float64, na_value=np.nan)


def _may_be_numbers(column: pd.Series) -> bool:
    """Return whether the type is one of numbers or text; False for dates, durations and the like."""
    import pandas as pd

    types = pd.api.types
    return (
        (types.is_numeric_dtype(column.dtype) and not types.is_complex_dtype(column.dtype))
        or types.is_string_dtype(column.dtype)
        or types.is_object_dtype(column.dtype)
    )


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return np.inf
    except (TypeError, ValueError):
        return np.nan


def _has_decimal_commas(values: pd.Series) -> bool:
    return all(isinstance(value, str) and DECIMAL_COMMA.fullmatch(value) for value in values)


def _line(name: str, column: pd.Series, wrong: np.ndarray, some: bool) -> str:
    row, number = int(wrong.argmax()), int(wrong.sum())
    first = f"{_shown(column.iloc[row])} in row {row + 1}"
    if _has_decimal_commas(column[wrong]):
        return f'column {name}: numbers have decimal commas, the first {first}; write decimal: ","'
    if some:
        values = counted(number, "value")
        of = f"{values} of {len(column):,} {'is not a number' if number == 1 else 'are not numbers'}"
        return f"column {name}: {of}, the first {first}; correct the file, or {write_drop([name])}"
    return (
        f"column {name} has no numbers, the first value is {first}; {write_drop([name])}, "
        "or categories: drop to leave out all columns of text"
    )


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
