"""Names of the committed runs. Imports no torch."""

from __future__ import annotations

from pathlib import Path

#: the grid that takes minutes, committed for the audit only and never used to compare methods
SMOKE = "smoke"


def grids(reference: Path) -> list[str]:
    """Return the names of the committed runs in ``reference`` on which methods are compared."""
    return sorted(path.parent.name for path in reference.glob("*/scores.csv") if path.parent.name != SMOKE)


def grid_of(results: Path) -> str:
    """Return the name of the committed run for the folder ``results``: the folder's name, or ``default``."""
    return "default" if results.name == "results" else results.name
