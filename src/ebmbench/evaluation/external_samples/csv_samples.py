"""Read samples from comma-separated text, with or without the names of the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebmbench.core.errors import allowed_names
from ebmbench.data.csv_columns import Form, read_columns
from ebmbench.data.own_files.refusal import counted
from ebmbench.data.own_table.comments import MARK, headed

#: the bytes that some programs put before text in UTF-8
_MARK = b"\xef\xbb\xbf"

#: signs between fields that are not commas
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs", "|": "bars"}

_FORM = Form(header=0, separator=",", decimal=".")


class CsvSamples(NamedTuple):
    """``samples: (N, D)``, and notes on how they were read, a line each.

    ``named``: whether the header has the names of all the data set's columns, and these are more than positions;
    ``columns``: what messages call the columns of the samples.
    """

    samples: np.ndarray
    notes: list[str]
    named: bool
    columns: list[str]


def parse_csv(content: bytes, columns: Sequence[str]) -> CsvSamples:
    """Parse lines of numbers, separated by commas, for a data set with these ``columns``.

    The first line is a header if it has a field that is no number, the data set's columns, or their positions 0, 1, ...
    A header with all of the data set's columns is used by name, in any order, and other columns are left out. Of
    another header only a column without a name is left out, which is what tables have for the rows' numbers; the
    others are taken in their order. Comments before the rows are skipped, unless the last one names the columns, as
    NumPy's ``savetxt`` writes them. Raises ``ValueError``, whose message continues a sentence that begins with the
    file's name.
    """
    content = content.removeprefix(_MARK).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    columns = [_with_plain_ends(name) for name in columns]
    content, before = _without_comments(content, columns)
    lines = io.BytesIO(content)
    fields = _fields(lines)
    _refuse_other_separator(fields, columns)
    if len(fields) < len(columns):
        raise ValueError(
            f"has {counted(len(fields), 'column')} in its first line; needed: {len(columns)}, separated by commas, "
            "and numbers with decimal points"
        )
    if not _is_header(fields, columns):
        names = columns if len(columns) == len(fields) else [str(place + 1) for place in range(len(fields))]
        return CsvSamples(_rows(_below(before, content), range(len(fields)), names), [], False, names)
    read = lines.tell()
    rest = _below(before + content.count(b"\n", 0, read), content[read:])
    _check_width(rest, fields, columns)
    places, notes = _chosen(fields, columns)
    named = set(columns) <= set(fields) and list(columns) != _positions(columns)
    names = [fields[place] for place in places]
    return CsvSamples(_rows(rest, places, names), notes, named, names)


def _without_comments(content: bytes, columns: Sequence[str]) -> tuple[bytes, int]:
    """Return the content without comments before the names or rows, and how many lines these are."""
    first = content.lstrip()
    # a column may be called "#"
    if not first.startswith(MARK.encode()) or set(columns) <= set(_fields(io.BytesIO(first))):
        return content, 0
    try:
        text, before = headed(content.decode(), ",")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not a text file in UTF-8 ({error})") from error
    return text.encode(), before


def _below(before: int, content: bytes) -> bytes:
    """Return content below empty lines, which are skipped, and counted by messages that number the file's lines."""
    return b"\n" * before + content


def _with_plain_ends(text: str) -> str:
    """Return a text with the line ends that the file's content gets."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_width(rest: bytes, fields: Sequence[str], columns: Sequence[str]) -> None:
    """Raise ``ValueError`` unless the first row has a field for each field of the header."""
    if not rest.strip():
        return
    row = _fields(io.BytesIO(rest.lstrip(b"\n")))
    if len(row) != len(fields):
        _refuse_other_separator(row, columns)
        raise ValueError(f"names {len(fields)} columns and has {len(row)} in its first row; allowed: the same number")


def _refuse_other_separator(fields: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse lines whose fields are separated by another sign than commas, which may be those of decimals."""
    for sign, name in _OTHER_SIGNS.items():
        if not set(columns) <= set(fields) and sum(field.count(sign) for field in fields) + 1 >= len(columns) > 1:
            raise ValueError(f"has {name} between its fields; save it with commas there, and with decimal points")


def _fields(lines: io.BytesIO) -> list[str]:
    """Read the fields of the first line, or of several if a field in quotes has line ends."""
    try:
        found = next(csv.reader((line.decode() for line in lines), skipinitialspace=True), [])
    except UnicodeDecodeError as error:
        raise ValueError(f"is not a text file in UTF-8 ({error})") from error
    except csv.Error as error:
        raise ValueError(f"has a first line that cannot be read ({error})") from error
    fields = [field.strip() for field in found]
    if fields in ([], [""]):
        raise ValueError("has an empty first line; needed: a row, or the names of the columns")
    return fields


def _is_header(fields: Sequence[str], columns: Sequence[str]) -> bool:
    return set(columns) <= set(fields) or list(fields) == _positions(fields) or not all(map(_is_number, fields))


def _positions(names: Sequence[str]) -> list[str]:
    """Return the names that columns without names have."""
    return [str(place) for place in range(len(names))]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _chosen(fields: Sequence[str], columns: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the positions of the columns to read, and what to tell of the choice."""
    by_name = set(columns) <= set(fields)
    repeated = [name for name in columns if list(fields).count(name) > 1]
    if by_name and repeated:
        raise ValueError(f"has {list(fields).count(repeated[0])} columns named {repeated[0]}; allowed: one")
    known = [name for name in columns if name in fields]
    if known and not by_name and list(columns) != _positions(columns):
        missing = next(name for name in columns if name not in fields)
        others = allowed_names(missing, [name for name in fields if name not in columns], label="unknown")
        raise ValueError(f"has no column {missing}; {others}; needed: {', '.join(columns)}, or none of these names")
    named = [place for place, name in enumerate(fields) if name]
    places = [list(fields).index(name) for name in columns] if by_name else named
    left = [fields[place] or "the one without a name" for place in range(len(fields)) if place not in places]
    notes = [f"columns left out: {', '.join(left)}"] if left else []
    if not by_name and [fields[place] for place in places] != _positions(columns):
        notes.append(
            f"its columns are taken in their order, and without --units own in the coordinates of `ebmbench rows`, as "
            f"their names are not {', '.join(columns)}"
        )
    if all(map(_is_number, fields)):
        notes.append("its first line is read as the columns' names")
    return places, notes


def _rows(content: bytes, places: Sequence[int], names: Sequence[str]) -> np.ndarray:
    if not content.strip():
        raise ValueError("has no rows")
    if not places:
        raise ValueError("has no columns with names")
    return read_columns(content, list(places), _FORM, names).numpy()
