"""Tables in files of several formats, as data frames; the end of the file's name selects the format."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ebmbench.data.own_files.arrays import read_arrays
from ebmbench.data.own_files.refusal import RefusedFileError, ending
from ebmbench.data.own_table.text import TextForm, read_text, refuse_packed

if TYPE_CHECKING:
    import pandas as pd


def read_frame(path: Path, content: bytes, form: TextForm) -> pd.DataFrame:
    """Read the table in ``content``, the bytes of the file at ``path``; ``form`` applies to text files.

    Columns have text as names: those of the file, or positions counted from 0. Raises :class:`RefusedFileError` for
    another format, an empty or damaged file, and two columns with one name.
    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        refuse_packed(content)
        raise RefusedFileError(f"{ending(path)}; allowed: {', '.join(READERS)}; save it as one of these")
    if not content:
        raise RefusedFileError("the file is empty; needed: a line with the columns' names, and rows")
    frame = read(content, form)
    frame.columns = [str(name) for name in frame.columns]
    _refuse_repeated(list(frame.columns))
    if frame.empty:
        raise RefusedFileError("the table has no rows")
    return frame


def _refuse_repeated(names: list[str]) -> None:
    for name in names:
        places = [str(place + 1) for place, other in enumerate(names) if other == name]
        if len(places) > 1:
            raise RefusedFileError(
                f"{len(places)} columns are called {name!r}, at positions {', '.join(places)}; give each its own name"
            )


def _comma_separated(content: bytes, form: TextForm) -> pd.DataFrame:
    return read_text(content, form, ",")


def _tab_separated(content: bytes, form: TextForm) -> pd.DataFrame:
    return read_text(content, form, "\t")


def _parquet(content: bytes, form: TextForm) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise RefusedFileError(
            "reading parquet needs pyarrow; `pip install 'ebmbench[parquet]'`, or save the table as .csv"
        ) from error
    # pyarrow has many errors of its own for damaged files
    except Exception as error:
        raise RefusedFileError(f"not a complete parquet file ({' '.join(str(error).split())[:200]})") from error


def _array(content: bytes, form: TextForm) -> pd.DataFrame:
    return _matrix(read_arrays(content), "the file")


def _archive(content: bytes, form: TextForm) -> pd.DataFrame:
    """Read one array (N, D), or several arrays (N,), each of which is a column of its name."""
    import pandas as pd

    arrays = read_arrays(content)
    if isinstance(arrays, np.ndarray):
        return _matrix(arrays, "the file")
    if len(arrays) == 1:
        ((name, only),) = arrays.items()
        return _matrix(only, f"the array {name}")
    shapes = {name: array.shape for name, array in arrays.items()}
    if not arrays or len(set(shapes.values())) > 1 or any(array.ndim != 1 for array in arrays.values()):
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
        raise RefusedFileError(f"the arrays are {listed}; allowed: one array (N, D), or columns (N,) of one length")
    return pd.DataFrame({name: _plain(array, f"the array {name}") for name, array in arrays.items()})


def _matrix(array: object, what: str) -> pd.DataFrame:
    """Return a matrix as a table, or a structured array, whose fields name the columns."""
    import pandas as pd

    if isinstance(array, np.ndarray) and array.dtype.names and array.ndim == 1:
        fields = {name: array[name] for name in array.dtype.names}
        wide = [name for name, of in fields.items() if of.ndim > 1]
        if wide:
            raise RefusedFileError(
                f"{what} has several values a row in the field {wide[0]}; allowed: one number a field"
            )
        return pd.DataFrame({name: _plain(of, f"the field {name} of {what}") for name, of in fields.items()})
    if not isinstance(array, np.ndarray) or array.ndim != 2 or not array.shape[1]:
        found = f"has the shape {array.shape}" if isinstance(array, np.ndarray) else "holds several arrays"
        raise RefusedFileError(f"{what} {found}; allowed: one array (N, D), rows by columns")
    return pd.DataFrame(_plain(array, what))


def _plain(array: np.ndarray, what: str) -> np.ndarray:
    """Return an array of numbers, wider ones as float64, or of text; raise for any other type."""
    if array.dtype.kind not in "biufU":
        raise RefusedFileError(f"{what} holds values of type {array.dtype}; allowed: real numbers")
    # a number beyond float64 becomes infinite and is refused as such; a signalling NaN is invalid in a cast
    with np.errstate(over="ignore", invalid="ignore"):
        return array.astype(np.float64) if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8) else array


#: end of a file's name -> reader
READERS: dict[str, Callable[[bytes, TextForm], pd.DataFrame]] = {
    ".csv": _comma_separated,
    ".tsv": _tab_separated,
    ".parquet": _parquet,
    ".npy": _array,
    ".npz": _archive,
}
