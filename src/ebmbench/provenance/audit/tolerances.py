"""Tolerances of trained values: from moves measured for harmless reasons, or else from the spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.csv_schema import read_fields
from ebmbench.core.errors import UserError
from ebmbench.provenance.audit.seed_spread import CELL_VALUE, CONTROL, scale, spread
from ebmbench.provenance.audit.table_cells import with_numbers

#: the file name of measured moves in the folder of a committed run
NAME = "tolerances.csv"

#: tolerance where no move was measured or training amplifies rounding to the spread of seeds, in scales
SCALES = 4.0

#: tolerance in multiples of the farthest measured move
MOVES = 10.0

#: smallest tolerance in spreads over seeds: moves below it were not measured often enough to be known
LEAST = 0.005

#: a cell is chaotic if half of its values moved by more than this, in spreads over seeds; a single value can move far
#: because its seeds agree by chance
CHAOTIC = 0.1


class Tolerance(Protocol):
    """A rule for the tolerance of trained values."""

    @property
    def words(self) -> str:
        """Say how much is allowed."""
        ...

    def __call__(self, scores: pd.DataFrame) -> pd.Series:
        """Return the tolerance of each row of scores, NaN where the rule has none."""
        ...


class SeedTolerance:
    """Four scales, for grids whose harmless moves were not measured."""

    words = f"{SCALES:g} times sqrt(sd over seeds² + 2 stderr²)"

    def __call__(self, scores: pd.DataFrame) -> pd.Series:
        """Return four times the scale of each row."""
        return SCALES * scale(scores)


class MeasuredTolerance(NamedTuple):
    """Multiples of measured moves. ``moves``: one row per value of a cell, one further column per measured run."""

    moves: pd.DataFrame

    @property
    def words(self) -> str:
        """Say how much is allowed."""
        return (
            f"{MOVES:g} times the farthest move measured for harmless reasons, at least {LEAST:g} sd over seeds; in "
            f"chaotic cells {SeedTolerance.words}"
        )

    @property
    def farthest(self) -> pd.Series:
        """Return the farthest move of each value of a cell, in spreads over seeds."""
        indexed = self.moves.set_index(list(CELL_VALUE))
        return indexed.max(axis="columns", skipna=False).rename("farthest")

    @property
    def chaotic(self) -> list[tuple[str, ...]]:
        """Return the cells in which training amplifies rounding to the spread of seeds."""
        typical = self.farthest.groupby(list(AXES)).median()
        return [tuple(cell) for cell in typical[typical > CHAOTIC].index]

    def __call__(self, scores: pd.DataFrame) -> pd.Series:
        """Return the tolerance of each row; NaN for a value of a cell that was not measured."""
        farthest = scores[list(CELL_VALUE)].join(self.farthest, on=list(CELL_VALUE))["farthest"]
        chaotic = pd.MultiIndex.from_frame(scores[list(AXES)]).isin(self.chaotic)
        allowed = (MOVES * farthest).clip(lower=LEAST) * spread(scores)
        return allowed.where(~chaotic, SeedTolerance()(scores))


def tolerance_of(committed: Path) -> Tolerance:
    """Return the rule for a committed run: measured where it has :data:`NAME`, else from the spread over seeds.

    Raises :class:`UserError` for a table of moves without its columns.
    """
    path = committed / NAME
    if not path.is_file():
        return SeedTolerance()
    table = read_fields(path)
    missing = [name for name in CELL_VALUE if name not in table]
    runs = [name for name in table if name not in CELL_VALUE]
    if missing or not runs:
        raise UserError(f"{path}: columns missing: {', '.join(missing) or 'at least one measured run'}")
    once = table.drop_duplicates(list(CELL_VALUE), keep=False)
    return MeasuredTolerance(with_numbers(once, runs))


def measured_moves(committed: pd.DataFrame, runs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how far each trained value of a cell moved in each of ``runs``, by name, in spreads over its seeds.

    The farthest of the cell's seeds counts. All tables are scores. Raises :class:`UserError` for a run that lacks a row
    of the committed one or in which its status differs.
    """
    rows = committed[(committed["status"] == "ok") & (committed["loss"] != CONTROL)]
    key = [*CELL_VALUE, "seed"]
    found = rows[key].copy()
    for name, run in runs.items():
        other = rows[key].merge(run, on=key, how="left")
        lost = int((other["status"] != "ok").sum())
        if lost:
            raise UserError(f"{name}: {lost} trained values of the committed run are missing; allowed: the same rows")
        moved = (other["value"].to_numpy() - rows["value"]).abs()
        # a value that neither seeds nor rounding move has the spread 0
        found[name] = (moved / spread(committed)[rows.index]).where(moved > 0, 0.0)
    return found.groupby(list(CELL_VALUE))[list(runs)].max().reset_index()
