"""What a figure is drawn from, and what a kind of figure is."""

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

    ``run_dirs``: folders of jobs, methods in the order in which they are to be drawn; ``data_files``: JSON files of
    data sets in theirs; ``tables``: the folder of the collected tables; ``named``: whether the configuration says
    which cells are shown.
    """

    run_dirs: Sequence[Path]
    data_files: Sequence[Path]
    tables: Path
    named: bool = False

    def cells(self) -> dict[Cell, list[Path]]:
        """The cells with their folders, methods in order."""
        found: dict[Cell, list[Path]] = {}
        for folder in self.run_dirs:
            found.setdefault(Cell(**read_json(folder / "run.json")["cell"]), []).append(folder)
        return found

    def plain_cells(self) -> dict[Cell, list[Path]]:
        """The cells; where the configuration names none, the trained ones without matched statistics."""
        cells = self.cells()
        if self.named:
            return cells
        return {cell: folders for cell, folders in cells.items() if cell.loss != "none" and cell.stats == "none"}

    def methods(self) -> list[Method]:
        """The methods in order."""
        return list(dict.fromkeys(cell[1:] for cell in self.cells()))

    def datasets(self) -> list[str]:
        """The data sets in order."""
        return list(dict.fromkeys(read_json(path)["dataset"] for path in self.data_files))

    def table(self, name: str) -> pd.DataFrame:
        """The rows of ``{name}.csv`` that are of the cells."""
        table, cells = read_typed(self.tables / f"{name}.csv"), self.cells()
        shown = [Cell(*row) in cells for row in table[list(AXES)].itertuples(index=False)]
        return table[shown].reset_index(drop=True)


class Figure(Protocol):
    """A plug-in of ``figures``: a frozen dataclass of settings, callable, without state."""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Write ``stem.pdf``, ``stem.png``, and the numbers that they show as ``stem.csv``."""
        ...
