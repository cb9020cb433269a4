"""Columns of a data frame as numbers; text is refused, or left out with its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError, not_numbers
from ebmbench.data.own_table.drop import write_drop
from ebmbench.data.own_table.spelling import Spelling, spelling_of

if TYPE_CHECKING:
    import pandas as pd


class Numbers(NamedTuple):
    """``values``: the columns with numbers, float64, missing values as NaN; ``text``: names of columns of text."""

    values: pd.DataFrame
    text: list[str]


def to_numbers(frame: pd.DataFrame, categories: str) -> Numbers:
    """Convert the columns of ``frame`` to float64; with ``categories: drop``, leave columns of text out.

    A column of text has no number at all, in no spelling. Raises :class:`RefusedFileError` for one that may not be left
    out, and for a column in which some values are numbers and others are not.
    """
    import pandas as pd

    converted: dict[str, np.ndarray] = {}
    text: list[str] = []
    for name in frame.columns:
        column = frame[name]
        numbers = _numbers(column)
        wrong = column[np.isnan(numbers) & column.notna().to_numpy()]
        if wrong.empty:
            converted[name] = numbers
            continue
        some = bool(np.isfinite(numbers).any())
        spelling = spelling_of(list(wrong), beside_numbers=some)
        if some or spelling or categories == "error":
            raise RefusedFileError(f"column {name}{_finding(wrong, len(column), some, spelling)}")
        text.append(name)
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


def _finding(wrong: pd.Series, rows: int, some: bool, spelling: Spelling | None) -> str:
    """Return a line, after the column's name, on its values that are no numbers and on what to write.

    ``some``: whether others of its ``rows`` values are numbers; ``spelling``: how the ``wrong`` values spell numbers.
    """
    first, drop = f"{_shown(wrong.iloc[0])} in row {wrong.index[0] + 1}", write_drop([wrong.name])
    if spelling:
        return f": {spelling.finding}, the first {first}; {spelling.remedy}, or {drop}"
    if some:
        return f": {not_numbers(len(wrong), rows)}, the first {first}; correct the file, or {drop}"
    ones = "to model it save 1 and 0 in their place, else " if isinstance(wrong.iloc[0], bool | np.bool_) else ""
    return (
        f" has no numbers, the first value is {first}; {ones}{drop}, "
        "or categories: drop to leave out all columns of text"
    )


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
