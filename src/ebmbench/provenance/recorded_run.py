"""One run of a committed grid, looked up by its name, with the code and the configuration that made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_fields, read_typed
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.provenance import history
from ebmbench.provenance.code_digest import Sources
from ebmbench.provenance.manifest import CodeOrigin, Manifest, read_manifest, sha256


class Search(NamedTuple):
    """The search for a cell's settings in the committed run: its trials and their seconds."""

    trials: int
    seconds: float


class RecordedRun(NamedTuple):
    """A run of a committed grid: the grid's folder, the cell and seed, the row of runs.csv as text, the manifest."""

    folder: Path
    cell: Cell
    seed: int
    row: Mapping[str, str]
    origin: Manifest

    @property
    def name(self) -> str:
        """Return the name of the run in every table."""
        return self.cell.run(self.seed)

    @property
    def code(self) -> CodeOrigin:
        """Return the commit and the modules of the run; raise :class:`UserError` if the manifest lacks its digest."""
        digest = self.row["provenance.code_digest"]
        if digest not in self.origin.code:
            raise UserError(
                f"{self.folder}: {self.name}: its code digest {digest} belongs to no commit of the manifest"
            )
        return self.origin.code[digest]

    @property
    def versions(self) -> dict[str, str]:
        """Return the versions that the run reports, of Python and of packages by name."""
        start = "provenance.versions."
        return {name.removeprefix(start): text for name, text in self.row.items() if text and name.startswith(start)}

    def same_code(self, sources: Sources) -> bool:
        """Return whether ``sources`` still has the code of the run, under the same names."""
        try:
            return sources.digest(self.code.modules) == self.row["provenance.code_digest"]
        except KeyError:
            return False

    def search(self) -> Search | None:
        """Return the search for the settings of the run's cell, or None if they were not searched."""
        path = self.folder / "tuning.csv"
        if not path.is_file():
            return None
        tried = read_typed(path)
        own = tried[(tried[list(self.cell._fields)] == list(self.cell)).all(axis="columns")]
        return Search(len(own), float(own["seconds"].sum())) if len(own) else None


class Configuration(NamedTuple):
    """The content of a run's configuration; ``changed``: whether the checkout's file differs from it now."""

    content: bytes
    changed: bool


def configuration(of: RecordedRun, root: Path) -> Configuration:
    """Return the configuration of a run: the checkout's file if it is unchanged, else that of the recorded commit.

    Raises :class:`UserError` if it has changed and the history lacks the commit.
    """
    path = root / of.origin.configuration
    now = path.read_bytes() if path.is_file() else b""
    if sha256(now) == of.origin.config:
        return Configuration(now, changed=False)
    return Configuration(
        history.files(root, of.origin.commit, of.origin.configuration)[of.origin.configuration], changed=True
    )


def find_run(reference: Path, grid: str, dataset: str, method: str, seed: int) -> RecordedRun:
    """Return the run of a committed grid in the folder ``reference``; ``method``: ``family-loss-stats``.

    Raises :class:`UserError` with one line for a grid, data set, method or seed that is not among the committed ones.
    """
    grids = sorted(path.parent.name for path in reference.glob("*/runs.csv"))
    if not grids:
        raise UserError(f"{reference}: no committed run is here; run this in a checkout, or give --root")
    if grid not in grids:
        raise UserError(f"{reference}: grid {grid} is unknown; {allowed_names(grid, grids)}")
    folder = reference / grid
    found = read_fields(folder / "runs.csv")
    found = _only(found, found["dataset"], dataset, f"{grid}: data set")
    methods = found["family"] + "-" + found["loss"] + "-" + found["stats"]
    found = _only(found, methods, method, f"{grid}/{dataset}: method")
    found = _only(found, found["seed"], str(seed), f"{grid}/{dataset}/{method}: seed")
    (row,) = found.to_dict("records")
    cell = Cell(*(row[axis] for axis in Cell._fields))
    return RecordedRun(folder, cell, seed, row, read_manifest(folder))


def _only(runs: pd.DataFrame, column: pd.Series, name: str, what: str) -> pd.DataFrame:
    """Return the rows whose ``column`` is ``name``; raise :class:`UserError` if there are none."""
    if name not in set(column):
        raise UserError(f"{what} {name} is unknown; {allowed_names(name, dict.fromkeys(column))}")
    return runs[column == name]
