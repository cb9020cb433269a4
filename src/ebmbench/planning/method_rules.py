"""Methods of a grid without a rule that makes their runs. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ebmbench.core.plugins import kind_of
from ebmbench.planning.cell_selection import SECTIONS
from ebmbench.planning.compatibility import UNTRAINED
from ebmbench.planning.config import Grid


def check_rules(plan: Grid, config: Mapping[str, Any], made: Callable[[str], bool]) -> str:
    """Return one line about the first method of a grid that no rule makes, or an empty text if there is none.

    ``made`` says whether a rule makes a file. Without the rule of a loss, all its runs would be missing from tables.
    """
    shown = {tuple(job.cell[1:]): job for job in plan.jobs}
    for job in shown.values():
        if not made(str(job.folder(config["results"]) / "run.json")):
            trained = job.cell.loss != UNTRAINED
            axis, verb = ("loss", "trains") if trained else ("family", "makes")
            name = getattr(job.cell, axis)
            kind = kind_of(name, config[SECTIONS[axis]][name])
            return f"{axis} {kind}: no rule {verb} it; add workflow/rules/methods/{kind}.smk"
    return ""
