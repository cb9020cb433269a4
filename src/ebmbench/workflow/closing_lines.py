"""The last lines of a Snakemake run: where the tables and the page are, and which runs have no result. No torch."""

from __future__ import annotations

import csv
from pathlib import Path


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


def _runs(path: Path) -> set[str]:
    """Return the names of the runs in a table; none if there is no such table."""
    if not path.is_file():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {row["run"] for row in csv.DictReader(file)}
