"""Reading of chosen columns of a text file with separated columns, with errors that name the column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.errors import allowed_names
from ebmbench.data.own_files.refusal import not_numbers

if TYPE_CHECKING:
    import pandas as pd

#: fields that stand for a missing value, besides those of pandas (empty, NA, NaN, null and the like)
MISSING = "?"


class Form(NamedTuple):
    """Form of a file: the number of lines before the first row, the last of which names the columns, and its signs."""

    header: int
    separator: str
    decimal: str


def read_columns(
    content: bytes, columns: Sequence[str] | Sequence[int], form: Form, called: Sequence[str] = ()
) -> Tensor:
    """Return the ``columns``, names or positions counted from 0, as ``(N, D)``, float64, missing values as NaN.

    ``called``: what messages call the columns, by default their names or positions.
    Raises ``ValueError`` if there are no rows or no such column, or if a column holds text; the message continues a
    sentence that begins with the file's name.
    """
    import pandas as pd

    try:
        table = _lines(content, form, skiprows=form.header, decimal=form.decimal, na_values=MISSING)
        names = _names(content, form)
    except pd.errors.EmptyDataError as error:
        raise ValueError("has no rows") from error
    except pd.errors.ParserError as error:
        raise ValueError(f"has lines of different lengths ({str(error).strip()})") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not a text file in UTF-8 ({error})") from error
    places = _places(names, table.shape[1], columns)
    labels = called or list(map(str, columns))
    numbers = [_numbers(table.iloc[:, place], label) for place, label in zip(places, labels, strict=True)]
    return torch.tensor(pd.concat(numbers, axis=1).to_numpy(dtype="float64"))


def _lines(content: bytes, form: Form, **options: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(io.BytesIO(content), header=None, sep=form.separator, **options)


def _names(content: bytes, form: Form) -> list[str]:
    """Return the names of the columns; none without a header."""
    if not form.header:
        return []
    line = _lines(content, form, skiprows=form.header - 1, nrows=1, dtype=str, keep_default_na=False)
    return [str(name).strip() for name in line.iloc[0]]


def _places(names: Sequence[str], width: int, columns: Sequence[str] | Sequence[int]) -> list[int]:
    """Return the positions of ``columns`` in a table of ``width`` columns with these names."""
    listed = f"the columns {', '.join(names)}" if names else f"columns without names, at positions 0 to {width - 1}"
    if names and len(names) != width:
        raise ValueError(
            f"has {width} columns, and its header {len(names)}: {', '.join(names)}; "
            "`separator`, `decimal` and `header` of the data set's class declare the form of its lines"
        )
    known: dict[str | int, int] = {place: place for place in range(width)}
    known |= {name: place for place, name in enumerate(names)}
    if not columns:
        raise ValueError(f"has {listed}; list those to keep in `columns` of the data set's class")
    for column in columns:
        if column not in known:
            found = allowed_names(column, names, label="found") if names else f"it has {listed}"
            raise ValueError(f"has no column {column!r}; {found}")
        if names.count(column) > 1:
            raise ValueError(f"has {names.count(column)} columns named {column!r}; give their positions")
    return [known[column] for column in columns]


def _numbers(values: pd.Series, column: str) -> pd.Series:
    import pandas as pd

    try:
        numbers = pd.to_numeric(values, errors="coerce")
    except OverflowError as error:
        raise ValueError(f"column {column}: a whole number is too large for a float64") from error
    text = numbers.isna() & values.notna()
    if text.any():
        row = int(text.to_numpy().argmax())
        raise ValueError(
            f"column {column}: {not_numbers(int(text.sum()))}, the first {values.iloc[row]!r} in row {row + 1}"
        )
    return numbers
