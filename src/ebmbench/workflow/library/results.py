"""The tables of a committed or a finished run as data frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.planning.reference_runs import rungs_of

if TYPE_CHECKING:
    import pandas as pd


class Results(NamedTuple):
    """The csv tables of one run in ``folder``; their columns are those of docs/reference/files.md."""

    folder: Path

    @classmethod
    def of(cls, run: str | Path, reference: Path) -> Results:
        """Return the tables of the committed run with the name ``run`` in ``reference``, or of the folder ``run``.

        The name of a grid with rungs stands for its largest committed rung, a results folder of a grid for its
        ``tables``. Raises :class:`UserError` if there is no scores.csv.
        """
        rungs = reversed(rungs_of(reference, str(run)).values())
        folders = [reference / run, Path(run) / "tables", Path(run), *(reference / rung for rung in rungs)]
        found = [path for path in folders if (path / "scores.csv").is_file()]
        if not found:
            known = allowed_names(run, sorted(path.parent.name for path in reference.glob("*/scores.csv")))
            raise UserError(f"{run}: no results folder and no committed run in {reference}; {known}")
        return cls(found[0])

    @property
    def names(self) -> list[str]:
        """The names of the tables."""
        return sorted(path.stem for path in self.folder.glob("*.csv"))

    def table(self, name: str) -> pd.DataFrame:
        """Return the table ``name``; raise :class:`UserError` if there is none."""
        if name not in self.names:
            raise UserError(f"{self.folder}: no table {name}; {allowed_names(name, self.names)}")
        return read_typed(self.folder / f"{name}.csv")

    @property
    def scores(self) -> pd.DataFrame:
        """Every metric of every run, with its error and status."""
        return self.table("scores")

    @property
    def summary(self) -> pd.DataFrame:
        """Means over seeds with intervals, one row per cell, split, metric and distribution."""
        return self.table("summary")

    @property
    def runs(self) -> pd.DataFrame:
        """Costs, outcomes and provenance of every run."""
        return self.table("runs")
