"""Tables in text files with separated columns and a line that names the columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ebmbench.data.archives import GZIP
from ebmbench.data.csv_columns import MISSING
from ebmbench.data.own_files.refusal import RefusedFileError, counted
from ebmbench.data.own_table.comments import first_comment, headed
from ebmbench.data.own_table.spelling import DECIMAL_COMMA, is_number

if TYPE_CHECKING:
    import pandas as pd

#: signs that separate columns, with their spelling in a configuration
SEPARATORS = {",": '","', ";": '";"', "\t": r'"\t"', "|": '"|"', " ": '" "'}

#: the line by which spreadsheets declare a separator
_DECLARED = re.compile(r"sep=(?P<sign>[,;\t| ])(?=\r?\n)")

#: bytes at the beginning of a compressed file
_PACKED = {GZIP: "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}

#: bytes at the beginning of a text in another encoding
_OTHER_ENCODINGS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


class TextForm(NamedTuple):
    """The sign between two columns, None for that of the file's format, and the sign before decimals."""

    separator: str | None
    decimal: str


def read_text(content: bytes, form: TextForm, separator: str) -> pd.DataFrame:
    """Read a table whose first line, but for comments, names the columns.

    ``separator`` applies unless the ``form`` has one.

    Raises :class:`RefusedFileError` for text that is not UTF-8, a first line without names, and lines of another
    length.
    """
    import pandas as pd

    sign = form.separator or separator
    decoded = _decoded(content)
    try:
        text, before = headed(decoded, sign)
        names = _names(text, sign)
        table = _frame(text, sign, skiprows=1, decimal=form.decimal, na_values=MISSING)
        # a blank of any length is a missing value, as an empty field is
        table = table.replace(r"^\s+$", float("nan"), regex=True)
    except pd.errors.EmptyDataError as error:
        raise RefusedFileError("the table has no rows; needed: a line with the columns' names, and rows") from error
    except pd.errors.ParserError as error:
        what = (
            "a quoted field has no end" if "inside string" in str(error) else "lines have different numbers of fields"
        )
        raise RefusedFileError(_commented(text, before) or f"{what} ({_reason(error, before)})") from error
    except (ValueError, OverflowError, csv.Error) as error:
        raise RefusedFileError(f"not a table of separated columns ({_reason(error)})") from error
    if table.shape[1] != len(names):
        named, fields = counted(len(names), "column"), counted(table.shape[1], "field")
        raise RefusedFileError(f"the first line names {named}, and the rows have {fields}")
    return table.set_axis(names, axis=1)


def refuse_packed(content: bytes) -> None:
    """Raise :class:`RefusedFileError` for a compressed file."""
    for start, name in _PACKED.items():
        if content.startswith(start):
            raise RefusedFileError(f"the file is compressed ({name}); unpack it first")


def _decoded(content: bytes) -> str:
    refuse_packed(content)
    for mark, name in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise RefusedFileError(f"the text is {name}; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = f"0x{content[error.start]:02x}"
        raise RefusedFileError(f"not UTF-8: line {line} has the byte {byte}; save the text as UTF-8") from error
    if "\0" in text:
        raise RefusedFileError("not a text file: it has zero bytes")
    if not text.strip():
        raise RefusedFileError("the file is empty; needed: a line with the columns' names, and rows")
    return text


def _frame(text: str, separator: str, **options: Any) -> pd.DataFrame:
    """Read lines without names."""
    import pandas as pd

    sign = r"\s+" if separator == " " else separator
    # in chunks, a column with some text would be of several types
    return pd.read_csv(io.StringIO(text), header=None, sep=sign, index_col=False, low_memory=False, **options)


def _names(text: str, separator: str) -> list[str]:
    """Return the columns' names; a column without one is ``Unnamed: 0`` by its position, as in pandas."""
    first = _frame(text, separator, nrows=1, dtype=str, keep_default_na=False).iloc[0]
    fields = [str(name).strip() for name in first]
    if declared := _DECLARED.match(text):
        write = f"write separator: {SEPARATORS[declared['sign']]}"
        raise RefusedFileError(f"the first line is {declared[0]!r}, not the columns' names; remove it, and {write}")
    if len(fields) == 1:
        _refuse_other_separator(fields[0], text)
    if all(map(is_number, fields)) and fields != [str(place) for place in range(len(fields))]:
        shown = ", ".join(fields)
        raise RefusedFileError(
            f"the first line has numbers, {shown if len(shown) <= 60 else f'{shown[:60]}...'}; "
            "needed: a first line with the columns' names"
        )
    return [name or f"Unnamed: {place}" for place, name in enumerate(fields)]


def _refuse_other_separator(field: str, text: str) -> None:
    """Refuse a table that has one column because another sign separates its columns."""
    row = "".join(text.splitlines()[1:2])
    counts = {sign: field.count(sign) for sign in SEPARATORS if sign != " "}
    sign = max(counts, key=counts.__getitem__)
    if not counts[sign]:
        # a name may hold blanks: only a row with as many of them shows that these are separators
        if len(field.split()) == 1 or len(row.split()) != len(field.split()):
            return
        sign = " "
    commas = sign != "," and any(DECIMAL_COMMA.fullmatch(part.strip()) for part in row.split(sign))
    decimal = ', and decimal: "," as numbers have decimal commas' if commas else ""
    shown = field if len(field) <= 60 else f"{field[:60]}..."
    raise RefusedFileError(f"the first line is one field, {shown!r}; write separator: {SEPARATORS[sign]}{decimal}")


def _commented(text: str, before: int) -> str:
    """Return what to do about a comment between the rows, or nothing if there is none."""
    found = first_comment(text)
    if found is None:
        return ""
    place, comment = found
    return f"line {before + place + 1} is a comment, {comment[:60]!r}; remove it"


def _reason(error: Exception, before: int = 0) -> str:
    """Return pandas' reason in one line, its numbers of lines and rows raised by the lines ``before`` the table."""
    reason = " ".join(str(error).replace("Error tokenizing data. C error: ", "").split())[:200]
    return re.sub(r"(?<=\bline )\d+", lambda number: str(int(number[0]) + before), reason)
