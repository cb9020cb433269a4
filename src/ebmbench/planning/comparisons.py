"""Pairs of runs that are compared seed by seed. Imports no torch and reads no result tables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import Cell
from ebmbench.core.columns import BASE, MODEL
from ebmbench.planning.config import Grid

#: kinds of literature results that describe a finished training
FINISHED = ("min", "max", "last", "mean")


class Side(NamedTuple):
    """One side of a comparison: a cell, and the distribution to compare, of the model or of its base alone."""

    cell: Cell
    distribution: str = MODEL


class Pair(NamedTuple):
    """A cell and the side that it is compared with on the same data set."""

    cell: Cell
    other: Side


def without_statistics(grid: Grid) -> list[Pair]:
    """Pair each cell with statistics with the same network without them."""
    return _beside(grid, "stats", "none")


def with_likelihood(grid: Grid) -> list[Pair]:
    """Pair each cell of another loss with the same network trained by maximum likelihood."""
    return _beside(grid, "loss", "ml")


def without_energy(grid: Grid) -> list[Pair]:
    """Pair each energy that refines another cell's trained model with that cell, and all cells with their own base."""
    if not grid.bases:
        return []
    trained = [Pair(cell, Side(base)) for cell, base in grid.bases.items()]
    return trained + [Pair(cell, Side(cell, BASE)) for cell in grid.settings]


#: functions that make the pairs of a table, by the table's name
PAIRS: dict[str, Callable[[Grid], list[Pair]]] = {
    "effects": without_statistics,
    "over_ml": with_likelihood,
    "over_base": without_energy,
}

#: the table of the fraction of the gap to a strong model that energies close
GAP = "gap_closed"


def asked_for(grid: Grid, config: Mapping[str, Any]) -> list[str]:
    """Return the names of the tables for which the grid has something to compare."""
    found = [name for name, pairs in PAIRS.items() if pairs(grid)]
    return [*found, GAP] if config["gap_to"] and grid.bases else found


def published_beside(cells: Iterable[Cell], folder: Path) -> bool:
    """Return whether the csv files in ``folder`` have a literature result to compare with one of the cells."""
    reported: set[tuple[str, str, str]] = set()
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["what"] in FINISHED]
        reported |= {(row["dataset"], row["family"], row["method"]) for row in rows}
    return any((cell.dataset, cell.family, cell.loss) in reported for cell in cells if cell.stats == "none")


def _beside(grid: Grid, axis: str, name: str) -> list[Pair]:
    pairs = [Pair(cell, Side(cell._replace(**{axis: name}))) for cell in grid.settings if getattr(cell, axis) != name]
    return [pair for pair in pairs if pair.other.cell in grid.settings]
