"""The last lines of a Snakemake run: where the tables and the page are, and which runs have no result. No torch.

A run that failed leaves tables of what exists in a folder of their own, which the next one that finishes takes away.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

#: folder of the tables of an unfinished grid, in its results folder
PARTIAL = "partial"

#: number of reasons that are printed
NAMED = 8

#: what is printed after Ctrl-C
INTERRUPTED = "interrupted: the same command goes on where it was"


def closing_lines(results: Path) -> list[str]:
    """Return three lines about the tables of the folder ``results``, or none if it has no tables yet."""
    tables = results / "tables"
    if not (tables / "README.md").is_file():
        return []
    failed, total = _runs(tables / "failures.csv"), len(_runs(tables / "runs.csv"))
    named = f"{len(failed)} of {total} runs have no result, see {tables / 'failures.md'}" if failed else "none"
    return [
        f"tables: {tables / 'README.md'}",
        "page:   `snakemake --report report.html` with the same options makes one page of tables and figures",
        f"failed: {named}",
    ]


def unfinished_lines(results: Path, missing: Sequence[str]) -> list[str]:
    """Return the lines about a grid that failed: where the tables of what exists are, and what stopped the others.

    ``missing``: from :func:`~ebmbench.workflow.stages.partial_tables.write_partial_tables`.
    """
    more = len(missing) - NAMED
    return [
        f"tables of what exists: {results / PARTIAL / 'README.md'}",
        *(f"missing: {line}" for line in missing[:NAMED]),
        *([f"missing: {more} more reasons, see {results / PARTIAL / 'failures.md'}"] if more > 0 else []),
    ]


def _runs(path: Path) -> set[str]:
    """Return the names of the runs in a table; none if there is no such table."""
    if not path.is_file():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {row["run"] for row in csv.DictReader(file)}
