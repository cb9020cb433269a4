"""Columns of a printed table: headings and fields broken into lines, so that each column is as narrow as its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from ebmbench.reporting.comparison.readers_table import BOLD
from ebmbench.reporting.latex_text import escape, with_minus
from ebmbench.reporting.latex_width import text_width

#: widths in points beyond which names of methods and fields are broken into lines
NAME_WIDTH, FIELD_WIDTH = 110.0, 78.0

#: places where a line may end, in the name of a method, in a heading and in a field
_IN_NAME, _IN_HEADING = re.compile(r"(?<=· )"), re.compile(r"(?<=[ _])")
_IN_FIELD = re.compile(r"(?<= )(?=[(\[])|(?<=[a-z], )")


class Stack(NamedTuple):
    """Lines of text above each other."""

    lines: tuple[str, ...]
    bold: bool = False

    @property
    def width(self) -> float:
        """The width of the widest line in points."""
        return max(text_width(line, self.bold) for line in self.lines)

    def latex(self, place: str) -> str:
        """Return the LaTeX text; ``place``: which line is level with the table's row, the first (t) or the last (b)."""
        lines = [rf"\textbf{{{escape(line)}}}" if self.bold and line else escape(line) for line in self.lines]
        if len(lines) == 1:
            return lines[0]
        stacked = r"\\".join(lines)
        return rf"\begin{{tabular}}[{place}]{{@{{}}l@{{}}}}{stacked}\end{{tabular}}"


class PrintedColumn(NamedTuple):
    """A column: its name, and its heading and fields as they are printed."""

    name: str
    heading: Stack
    fields: list[Stack]

    @property
    def width(self) -> float:
        """The width in points."""
        return max(stack.width for stack in (self.heading, *self.fields))


def printed_columns(table: pd.DataFrame) -> list[PrintedColumn]:
    """Return the columns of a table, with texts that are broken beyond :data:`NAME_WIDTH` or :data:`FIELD_WIDTH`."""
    found = []
    for place, name in enumerate(table.columns):
        texts = [str(text) for text in table[name]]
        found.append(
            _column(name, texts, _IN_FIELD, FIELD_WIDTH) if place else _column(name, texts, _IN_NAME, NAME_WIDTH)
        )
    return found


def _column(name: str, texts: Sequence[str], ends: re.Pattern[str], least: float) -> PrintedColumn:
    words = [_broken(name, _IN_HEADING, 0.0), *(_broken(text, ends, least) for text in texts)]
    width = max(stack.width for stack in words)
    return PrintedColumn(name, _broken(name, _IN_HEADING, width), [_broken(text, ends, width) for text in texts])


def _broken(text: str, ends: re.Pattern[str], width: float) -> Stack:
    """Break a text, bold if it is marked so, into lines no wider than ``width`` where ``ends`` allows that."""
    inner = text.removeprefix(BOLD).removesuffix(BOLD)
    bold = len(inner) == len(text) - 2 * len(BOLD)
    first, *others = ends.split(with_minus(inner))
    lines = [first]
    for part in others:
        longer = lines[-1] + part
        if text_width(longer.rstrip(), bold) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return Stack(tuple(line.rstrip() for line in lines), bold)
