"""Stage that decides the controls of every metric: controls.csv and controls.md."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import write_csv, write_text
from ebmbench.reporting.comparison.controls import controls
from ebmbench.reporting.comparison.summary import summarise
from ebmbench.reporting.controls_page import controls_page

NAME = "controls"


def write_controls(scores: Path, out: Path) -> None:
    """Write both files from the table ``scores`` into ``out``."""
    found = read_typed(scores)
    table = controls(found)
    write_csv(out / f"{NAME}.csv", table)
    write_text(out / f"{NAME}.md", controls_page(table, summarise(found)))
