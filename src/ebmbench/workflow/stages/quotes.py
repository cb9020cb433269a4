"""Rewrite the tables that README.md and docs/results quote from committed pages."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path

from ebmbench.core.files import write_text
from ebmbench.provenance.audit import documented_numbers
from ebmbench.provenance.audit.documented_numbers import Quoted, Row, cells_of, is_rule, page_of, quoted_row


class Quotes:
    """The committed pages below ``reference``, each read once, and what a document quotes that none of them has."""

    def __init__(self, reference: Path) -> None:
        self.missing: list[Quoted] = []
        self._rows = cache(partial(documented_numbers.committed_rows, reference))

    def rewritten(self, text: str) -> str:
        """Return a document with each cell of its quoted tables as the committed page has it, or as it was if none."""
        return documented_numbers.TABLE.sub(self._table, text)

    def _table(self, match: re.Match[str]) -> str:
        page, lines = page_of(match[1]), match[2].splitlines()
        heading = cells_of(lines[0])
        body = [line if is_rule(line) else self._row(page, heading, line) for line in lines[1:]]
        table = "".join(f"{line}\n" for line in [lines[0], *body])
        return match[0].removesuffix(match[2]) + table

    def _row(self, page: str, heading: list[str], line: str) -> str:
        row = dict(zip(heading, cells_of(line), strict=False))
        fresh = row | {name: self._cell(of) for name, of in quoted_row(page, row).items()}
        return line if fresh == row else f"| {' | '.join(fresh.values())} |"

    def _cell(self, of: Quoted) -> str:
        held: dict[tuple[str, ...], Row] = self._rows(of.page)
        value = held.get(of.key, {}).get(of.heading)
        if value is None and not (of.text == "" and held and of.key not in held):
            self.missing.append(of)
        return of.text if value is None else value


def write_quotes(root: Path) -> list[str]:
    """Rewrite the quoted tables of the checkout ``root``; return a line for each document changed or cell not found."""
    lines = []
    for name, text in documented_numbers.documents(root).items():
        quotes = Quotes(root / "results/reference")
        fresh = quotes.rewritten(text)
        if fresh != text:
            changed = sum(old != new for old, new in zip(text.splitlines(), fresh.splitlines(), strict=True))
            lines.append(f"{name}: {changed} rows rewritten")
            write_text(root / name, fresh)
        lines += [f"{name}: {of.page}, {' '.join(of.key)}, {of.heading}: not on the page" for of in quotes.missing]
    return lines
