"""Names of the committed runs. Imports no torch."""

from __future__ import annotations

import re
from pathlib import Path

#: the grid that takes minutes, committed for the audit only and never used to compare methods
SMOKE = "smoke"


def grids(reference: Path) -> list[str]:
    """Return the names of the committed runs in ``reference`` on which methods are compared."""
    return sorted(path.parent.name for path in reference.glob("*/scores.csv") if path.parent.name != SMOKE)


def grid_of(results: Path) -> str:
    """Return the name of the committed run for the folder ``results``: the folder's name, or ``default``.

    That of a rung, ``results/{grid}/x{rung}``, is ``{grid}_x{rung}``.
    """
    if re.fullmatch(r"x\d+", results.name):
        return f"{grid_of(results.parent)}_{results.name}"
    return "default" if results.name == "results" else results.name


def rungs_of(reference: Path, grid: str) -> dict[int, str]:
    """Return the committed runs of a grid's rungs by rung, ascending; empty for a grid without committed rungs."""
    found = {name: without_rung(name) for name in grids(reference) if name != grid}
    return dict(sorted((rung, name) for name, (of, rung) in found.items() if of == grid))


def without_rung(run: str) -> tuple[str, int]:
    """Return the name of a committed run's grid, and its rung; 1 for a grid without rungs."""
    match = re.fullmatch(r"(.+)_x(\d+)", run)
    return (match[1], int(match[2])) if match else (run, 1)


def ladders(reference: Path) -> list[str]:
    """Return the grids of which two rungs or more are committed in ``reference``."""
    named = {without_rung(name)[0] for name in grids(reference)}
    return sorted(grid for grid in named if len(rungs_of(reference, grid)) > 1)
