"""Lines of a text file before its table: blank ones, and comments, of which the last may name the columns."""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

from ebmbench.data.own_table.spelling import is_number

#: the sign that begins a comment
MARK = "#"

_BEFORE = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\r?\n)*")


class Headed(NamedTuple):
    """A table's ``text`` from the line that names the columns on, and the number of lines ``before`` it."""

    text: str
    before: int


def headed(text: str, separator: str) -> Headed:
    """Return the text without the blank lines and comments before the one that names the columns.

    NumPy and others write the names as a comment, ``# height,weight``. The last comment is taken for them if it has as
    many fields as the line below it, unless this one has no number and the next one has some.
    """
    before = _BEFORE.match(text)
    found = before[0] if before else ""
    lines = found.split("\n")[:-1]
    rest = text[len(found) :]
    comments = [line.strip() for line in lines if line.strip()]
    if comments:
        first, second = (_fields(line, separator) for line in (*rest.split("\n", 2), "", "")[:2])
        names = _without_mark(comments[-1], separator)
        named_below = not any(map(is_number, first)) and any(map(is_number, second))
        if len(_fields(names, separator)) == len(first) and not named_below:
            return Headed(f"{names}\n{rest}", len(lines) - 1)
    return Headed(rest, len(lines))


def first_comment(text: str) -> tuple[int, str] | None:
    """Return the first comment among a table's lines: how many lines are before it, and its text; None without one."""
    lines = text.split("\n")
    return next(((place, line.strip()) for place, line in enumerate(lines) if line.lstrip().startswith(MARK)), None)


def _without_mark(comment: str, separator: str) -> str:
    # a first column may be called "#", as one that counts the rows is
    if separator != " " and _fields(comment, separator)[0].strip() == MARK:
        return comment
    return comment.lstrip(MARK).strip()


def _fields(line: str, separator: str) -> list[str]:
    return line.split() if separator == " " else next(csv.reader([line.rstrip("\r")], delimiter=separator), [])
