"""Committed runs: which there are. Imports no torch."""

from __future__ import annotations

from pathlib import Path

#: the grid of minutes, committed for the audit alone: nobody compares methods by it
SMOKE = "smoke"


def grids(reference: Path) -> list[str]:
    """The names of the committed runs in ``reference`` that methods are compared by."""
    return sorted(path.parent.name for path in reference.glob("*/scores.csv") if path.parent.name != SMOKE)


def grid_of(results: Path) -> str:
    """The name of the committed run of the grid whose results are in ``results``: its folder's, or ``default``."""
    return "default" if results.name == "results" else results.name
