"""Runs of one loss arranged by its settings: values of some settings are rows, those of others columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.files import read_json
from ebmbench.reporting.figures.interface import Inputs

#: values of settings in the order of their names
Values = tuple[Any, ...]


@dataclass(frozen=True)
class OverSettings:
    """A figure whose rows and columns are values of a loss's settings.

    ``loss``: the kind of loss; other cells are left out. ``rows``, ``columns``: names of its settings; their values
    appear in the order of the cells in the configuration's match. ``title`` is shown above the panels.
    """

    title: str = ""
    loss: str = "ed"
    rows: str | tuple[str, ...] = ("t", "w")
    columns: str | tuple[str, ...] = "M"

    def sweep(self, inputs: Inputs) -> ParameterSweep:
        """Return the result of :func:`sweep` for these settings."""
        return sweep(inputs, self.loss, self.rows, self.columns)


class SweepPlace(NamedTuple):
    """Position of a cell: its data set, row and column."""

    dataset: str
    row: Values
    column: Values


class ParameterSweep(NamedTuple):
    """Cells by position, the data sets in order, and the rows and columns in the order of their cells.

    ``row_names``, ``column_names``: the settings whose values define a row and a column.
    """

    row_names: Sequence[str]
    column_names: Sequence[str]
    datasets: list[str]
    rows: list[Values]
    columns: list[Values]
    cells: dict[SweepPlace, Cell]

    def row_label(self, row: Values) -> str:
        """Return the label of a row: ``t = 1`` and, below, ``w = 0.05``."""
        return text(self.row_names, row, "\n")

    def column_label(self, column: Values) -> str:
        """Return the label of a column: ``M = 32``."""
        return text(self.column_names, column)

    def settings(self, cells: Sequence[Sequence[str]]) -> pd.DataFrame:
        """Return the settings of each of ``cells`` in order; missing for a cell outside the sweep."""
        places = {tuple(cell): place for place, cell in self.cells.items()}
        names = [*self.row_names, *self.column_names]
        found = [places.get(tuple(cell)) for cell in cells]
        values = [(None,) * len(names) if place is None else (*place.row, *place.column) for place in found]
        return pd.DataFrame(values, columns=names)


def sweep(
    inputs: Inputs, loss: str, row_names: str | Sequence[str], column_names: str | Sequence[str]
) -> ParameterSweep:
    """Arrange the cells of the kind ``loss`` by their recorded settings.

    Raises :class:`UserError` if there is none, for a name that is no setting of the loss, and if two cells of a
    data set have the same position.
    """
    down, across = _listed(row_names), _listed(column_names)
    found: dict[SweepPlace, Cell] = {}
    for cell, folders in inputs.plain_cells().items():
        settings = _settings(folders[0] / "run.json")
        if plugins.kind_of(cell.loss, settings) != loss:
            continue
        place = SweepPlace(cell.dataset, *(_values(names, settings, loss, folders[0]) for names in (down, across)))
        if place in found:
            at = ", ".join(text(names, values) for names, values in ((down, place.row), (across, place.column)))
            both = f"{found[place].method} and {cell.method}"
            raise UserError(
                f"figure: {both} on {cell.dataset} both have {at}; allowed: one cell per place, selected by match"
            )
        found[place] = cell
    if not found:
        raise UserError(f"figure: it shows no cell with the loss {loss!r}; select some with match")
    held = {place.dataset for place in found}
    datasets = [name for name in inputs.datasets() if name in held]
    rows, columns = dict.fromkeys(place.row for place in found), dict.fromkeys(place.column for place in found)
    return ParameterSweep(down, across, datasets, list(rows), list(columns), found)


def text(names: Sequence[str], values: Values, between: str = ", ") -> str:
    """Format each setting as ``name = value``, numbers in their shortest form."""
    reported = [f"{value:g}" if isinstance(value, int | float) else str(value) for value in values]
    return between.join(f"{name} = {value}" for name, value in zip(names, reported, strict=True))


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _settings(path: Path) -> Mapping[str, Any]:
    settings = read_json(path).get("settings", {}).get("loss")
    if settings is None:
        raise UserError(f"{path}: settings.loss is missing; a figure by settings needs it")
    return settings


def _values(names: Sequence[str], settings: Mapping[str, Any], loss: str, folder: Path) -> Values:
    for name in names:
        if name not in settings:
            allowed = allowed_names(name, plugins.own_settings(settings), "no settings")
            raise UserError(f"figure: {name!r} is not a setting of the loss {loss} in {folder}; {allowed}")
    return tuple(settings[name] for name in names)
