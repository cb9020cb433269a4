"""Reading of a user's own table: from files to complete numbers, with every problem as one line that names the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.local_files import LocalFile
from ebmbench.data.own_files.paths import read_file
from ebmbench.data.own_files.refusal import RefusedFileError, problems_of
from ebmbench.data.own_table.checks import check_columns, check_finite, check_rows
from ebmbench.data.own_table.formats import read_frame
from ebmbench.data.own_table.missing import complete_rows
from ebmbench.data.own_table.numbers import to_numbers
from ebmbench.data.own_table.selection import choose
from ebmbench.data.own_table.text import TextForm

if TYPE_CHECKING:
    import pandas as pd


class Reading(NamedTuple):
    """How files are read: their form, the columns to keep and to drop, and what is done to gaps and text.

    ``apart``: setting -> column that splits the rows and is not modelled.
    """

    form: TextForm
    columns: Sequence[str]
    drop: Sequence[str]
    apart: dict[str, str]
    missing: str
    categories: str


class Part(NamedTuple):
    """One file's rows: ``values``: the modelled columns, float64; ``apart``: the columns by which rows are split.

    ``rows``: number of rows in the file; ``left_out``: column -> why it is not modelled.
    """

    values: pd.DataFrame
    apart: pd.DataFrame
    rows: int
    left_out: dict[str, str]
    file: LocalFile


def read_part(path: Path, reading: Reading) -> Part:
    """Read the rows of one file; raise :class:`UserError` with one line for a file that cannot be used."""
    found = read_file(path)
    with problems_of(path):
        frame = read_frame(path, found.content, reading.form).reset_index(drop=True)
        chosen = choose(list(frame.columns), reading.columns, reading.drop, reading.apart)
        numbers = to_numbers(frame[chosen.modelled], reading.categories)
        if numbers.values.shape[1] == 0:
            raise RefusedFileError("no column has numbers; needed: one or more")
        apart = frame[list(dict.fromkeys(reading.apart.values()))]
        complete = complete_rows(numbers.values.join(apart), reading.missing)
        values = numbers.values[complete]
        check_finite(values)
    left_out = chosen.left_out | dict.fromkeys(numbers.text, "text")
    return Part(values, apart[complete], len(frame), left_out, found.file)


def join_parts(paths: Sequence[Path], parts: Sequence[Part], columns: Sequence[str], least: Sequence[int]) -> Part:
    """Join the rows of several files with the same columns, one after the other, and check them together.

    ``columns``: the setting; ``least``: the fewest rows of each part, per column and once more. Raises
    :class:`UserError` with one line.
    """
    import pandas as pd

    names = list(parts[0].values.columns)
    for path, part, few in zip(paths, parts, least, strict=True):
        _check_same_columns((paths[0], names), (path, list(part.values.columns)))
        with problems_of(path):
            check_rows(len(part.values), len(names), few * (len(names) + 1))
    _check_different(paths, parts)
    values = pd.concat([part.values[names] for part in parts], ignore_index=len(parts) > 1)
    apart = pd.concat([part.apart for part in parts], ignore_index=len(parts) > 1)
    with problems_of(", ".join(map(str, paths))):
        check_columns(values, columns)
    return Part(values, apart, sum(part.rows for part in parts), parts[0].left_out, parts[0].file)


def _check_same_columns(*files: tuple[Path, list[str]]) -> None:
    """Raise :class:`UserError` for the first column with numbers that one of two files has and the other has not."""
    for (path, own), (other, needed) in (files[::-1], files):
        missing = [name for name in needed if name not in own]
        if missing:
            others = [name for name in own if name not in needed]
            unknown = f"; {allowed_names(missing[0], others, label='others')}" if others else ""
            raise UserError(f"{path}: no column {missing[0]} with numbers, as {other} has{unknown}")


def _check_different(paths: Sequence[Path], parts: Sequence[Part]) -> None:
    """Raise :class:`UserError` for two files with the same content: rows to train on would be test rows."""
    first: dict[str, Path] = {}
    for path, part in zip(paths, parts, strict=True):
        if part.file.sha256 in first:
            raise UserError(f"{path}: the same content as {first[part.file.sha256]}; needed: other rows for each split")
        first[part.file.sha256] = path
