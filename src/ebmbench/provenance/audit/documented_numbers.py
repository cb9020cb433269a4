"""Comparison of the tables quoted in README and docs/results with the committed pages that they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from ebmbench.provenance.audit.finding import FAILED, Finding, summed

Row = Mapping[str, str]

CHECK = "documents"

#: columns that identify a row of a table, where the table has them
_KEYS = ("data set", "method", "against", "statistics", "claim", "on")

#: columns of a table over several pages that name a row's page and the column of that page which it shows
_PAGE, _METRIC = "page", "metric"


#: the line that names the page of a quoted table, and the table
TABLE = re.compile(r"^\*\*([\w/]+)\*\*.*\n\n((?:\|.*\n)+)", flags=re.MULTILINE)


class Quoted(NamedTuple):
    """A cell of a document: the committed page, row key and heading that it quotes, and its text."""

    page: str
    key: tuple[str, ...]
    heading: str
    text: str


def documents(root: Path) -> dict[str, str]:
    """Return the text by path below ``root`` of README.md and of every page of docs/results."""
    paths = [root / "README.md", *sorted((root / "docs/results").glob("*.md"))]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of the Markdown tables in ``text``, each as a map from heading to cell."""
    found: list[dict[str, str]] = []
    heading: list[str] | None = None
    for line in text.splitlines():
        cells = cells_of(line) if line.startswith("|") else None
        if cells is None:
            heading = None
        elif heading is None:
            heading = cells
        elif not is_rule(line):
            # a row with a cell too few or too many is no error: its cells differ from the committed ones
            found.append(dict(zip_longest(heading, cells[: len(heading)], fillvalue="")))
    return found


def cells_of(line: str) -> list[str]:
    """Return the cells of a line of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def is_rule(line: str) -> bool:
    """Return whether a line of a Markdown table is the one below the heading."""
    return set("".join(cells_of(line))) <= set("-: ")


def tables(text: str) -> list[tuple[str, list[dict[str, str]]]]:
    """Return (page, rows) of each table below a line that begins with ``**page**``.

    A page is named as below results/reference, without ``.md``; one without a folder belongs to the default grid.
    """
    return [(page_of(match[1]), rows(match[2])) for match in TABLE.finditer(text)]


def page_of(name: str) -> str:
    """Return the path of a page below results/reference, without ``.md``, by the name above a quoted table."""
    return name if "/" in name else f"default/{name}"


def key(row: Row) -> tuple[str, ...]:
    """Return the cells that identify ``row`` in its table."""
    return tuple(row[name] for name in _KEYS if name in row)


def quoted(text: str) -> Iterator[Quoted]:
    """Yield the cells of the marked tables of ``text``.

    A table with the columns ``page`` and ``metric`` spans several pages: its other columns are methods (or ``data
    set``), and a cell is the method's value in the column ``metric`` of that page, empty if the page lacks the method.
    """
    for page, body in tables(text):
        for row in body:
            yield from quoted_row(page, row).values()


def quoted_row(page: str, row: Row) -> dict[str, Quoted]:
    """Return what the cells of a row quote, by the heading of their column in the document."""
    if {_PAGE, _METRIC} <= set(row):
        methods = [name for name in row if name not in (_PAGE, _METRIC, "data set")]
        return {method: Quoted(row[_PAGE], (method,), row[_METRIC], row[method]) for method in methods}
    return {heading: Quoted(page, key(row), heading, cell) for heading, cell in row.items()}


def rows_by_key(text: str) -> dict[tuple[str, ...], Row]:
    """Return the rows of the Markdown tables in ``text`` by key; a row of several tables has the cells of all."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows(text):
        found.setdefault(key(row), {}).update(row)
    return dict(found)


def committed_rows(reference: Path, page: str) -> dict[tuple[str, ...], Row]:
    """Return :func:`rows_by_key` of a committed page, by its path below ``reference``; no rows for no page."""
    path = reference / f"{page}.md"
    return rows_by_key(path.read_text(encoding="utf-8")) if path.is_file() else {}


def against(pages: Mapping[str, str], reference: Path) -> list[Finding]:
    """Return the findings on every quoted cell of ``pages``, texts by name: it equals that of the committed page.

    Committed pages are read from ``reference``. Every finding names the document in which the cell stands.
    """
    held: dict[str, dict[tuple[str, ...], Row]] = {}
    found: list[Finding] = []
    compared = 0
    for document, text in pages.items():
        for page, row, heading, cell in quoted(text):
            if page not in held:
                held[page] = committed_rows(reference, page)
            compared += 1
            # an absent method is an empty cell of a table over several pages, and of no other
            value = held[page].get(row, {}).get(heading)
            if cell != value and not (cell == "" and held[page] and row not in held[page]):
                where = f"{document}, {page}, {' '.join(row)}, {heading}"
                found.append(Finding(CHECK, where, FAILED, f"{cell!r}, committed {value!r}"))
    return summed(CHECK, found, compared, "cells")
