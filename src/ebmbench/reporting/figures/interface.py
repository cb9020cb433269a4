"""Interface of figures: their input files, and the protocol of a figure plug-in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.files import read_json

#: family, loss and statistics
Method = tuple[str, str, str]


class Inputs(NamedTuple):
    """The files that a figure may read.

    ``run_dirs``: folders of jobs, with methods in the order of drawing; ``data_files``: JSON files of data sets in the
    order of drawing; ``tables``: the folder of the collected tables; ``named``: whether the configuration selects the
    cells.
    """

    run_dirs: Sequence[Path]
    data_files: Sequence[Path]
    tables: Path
    named: bool = False

    def cells(self) -> dict[Cell, list[Path]]:
        """Return the cells with their folders, methods in order."""
        found: dict[Cell, list[Path]] = {}
        for folder in self.run_dirs:
            found.setdefault(Cell(**read_json(folder / "run.json")["cell"]), []).append(folder)
        return found

    def plain_cells(self) -> dict[Cell, list[Path]]:
        """Return the cells; if the configuration selects none, the trained cells without matched statistics."""
        cells = self.cells()
        if self.named:
            return cells
        return {cell: folders for cell, folders in cells.items() if cell.loss != "none" and cell.stats == "none"}

    def methods(self) -> list[Method]:
        """Return the methods in order."""
        return list(dict.fromkeys(cell[1:] for cell in self.cells()))

    def datasets(self) -> list[str]:
        """Return the data sets in order."""
        return list(dict.fromkeys(read_json(path)["dataset"] for path in self.data_files))

    def table(self, name: str) -> pd.DataFrame:
        """Read the rows of ``{name}.csv`` that belong to the cells."""
        table, cells = read_typed(self.tables / f"{name}.csv"), self.cells()
        shown = [Cell(*row) in cells for row in table[list(AXES)].itertuples(index=False)]
        return table[shown].reset_index(drop=True)


class Figure(Protocol):
    """A plug-in of ``figures``: a callable frozen dataclass of settings, without state."""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write ``stem.pdf``, ``stem.png`` and ``stem.csv``, the numbers that they show."""
        ...
