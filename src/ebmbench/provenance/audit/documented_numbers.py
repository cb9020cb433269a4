"""A page's tables against the committed pages that they are from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ebmbench.provenance.audit.finding import FAILED, Finding, summed

Row = Mapping[str, str]

#: columns that tell one row of a table from another, those of them that it has
_KEYS = ("data set", "method", "against", "statistics", "claim", "on")


def rows(text: str) -> list[dict[str, str]]:
    """Rows of the Markdown tables in ``text``, each from heading to cell."""
    found: list[dict[str, str]] = []
    heading: list[str] | None = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            heading = None
        elif heading is None:
            heading = cells
        elif not set("".join(cells)) <= set("-: "):
            found.append(dict(zip(heading, cells, strict=True)))
    return found


def tables(text: str) -> list[tuple[str, list[dict[str, str]]]]:
    """(page, rows) of each table below a line that begins with ``**page**``; a page without a grid is the default's."""
    found = re.findall(r"^\*\*([\w/]+)\*\*.*\n\n((?:\|.*\n)+)", text, flags=re.MULTILINE)
    return [(name if "/" in name else f"default/{name}", rows(body)) for name, body in found]


def key(row: Row) -> tuple[str, ...]:
    """What a row is of."""
    return tuple(row[name] for name in _KEYS if name in row)


def against(text: str, reference: Path) -> list[Finding]:
    """Findings on every cell of every table of ``text``: the committed page in ``reference`` has the same."""
    found: list[Finding] = []
    compared = 0
    for page, body in tables(text):
        path = reference / f"{page}.md"
        held = {key(row): row for row in rows(path.read_text(encoding="utf-8"))} if path.is_file() else {}
        for row in body:
            for heading, cell in row.items():
                compared += 1
                committed = held.get(key(row), {}).get(heading)
                if cell != committed:
                    where = f"{page}, {' '.join(key(row))}, {heading}"
                    found.append(Finding("readme", where, FAILED, f"{cell!r}, committed {committed!r}"))
    return summed("readme", found, compared, "cells")
