"""Figures of the configuration: the kind of each, and the cells it shows, in order. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core import plugins
from ebmbench.core.cells import AXES, Job, data_file
from ebmbench.core.errors import UserError
from ebmbench.planning.cell_selection import Names, listed, matching
from ebmbench.planning.config import Grid, figure_settings


class Selection(NamedTuple):
    """The kind and settings of a figure, and the jobs and data sets it shows.

    ``jobs`` are ordered by method, ``datasets`` as data sets are shown; ``named``: whether the configuration
    selects the cells, or leaves that to the kind of figure.
    """

    kind: str
    settings: dict[str, Any]
    jobs: list[Job]
    datasets: list[str]
    named: bool

    def data_files(self, results: str | Path) -> list[Path]:
        """Return the files of the data sets in their order, each once."""
        placed = sorted(self.jobs, key=lambda job: self.datasets.index(job.cell.dataset))
        return list(dict.fromkeys(data_file(results, job.cell.dataset, job.block) for job in placed))


def select(name: str, entry: Mapping[str, Any], plan: Grid, config: Mapping[str, Any]) -> Selection:
    """Select the cells of the figure ``name``: those that its ``match`` names and its ``exclude`` does not.

    Names on an axis follow the order of ``match``; without one, ``none`` comes first and the others follow in
    alphabetical order. Raises :class:`UserError` for a match of nothing, and if no cell is left.
    """
    where, match = f"config: figures.{name}", entry.get("match", {})
    cells = list(plan.settings)
    shown = matching(cells, match, f"{where}.match", config)
    for index, left_out in enumerate(entry.get("exclude", [])):
        dropped = matching(cells, left_out, f"{where}.exclude[{index}]", config)
        shown = [cell for cell in shown if cell not in dropped]
    if not shown:
        raise UserError(f"{where}.exclude removes every cell that matches")
    order = {axis: _ordered({getattr(cell, axis) for cell in shown}, match.get(axis)) for axis in AXES}

    def place(job: Job) -> list[int]:
        return [order[axis].index(getattr(job.cell, axis)) for axis in (*AXES[1:], AXES[0])]

    jobs = sorted((job for job in plan.jobs if job.cell in set(shown)), key=place)
    return Selection(plugins.kind_of(name, entry), figure_settings(entry), jobs, order["dataset"], bool(match))


def figures(config: Mapping[str, Any], plan: Grid) -> dict[str, Selection]:
    """Select the cells of every figure of a checked configuration, by name."""
    return {name: select(name, entry, plan, config) for name, entry in config["figures"].items()}


def _ordered(names: set[str], match: Names | None) -> list[str]:
    if match is None or isinstance(match, Mapping):
        return sorted(names, key=lambda name: (name != "none", name))
    return [name for name in dict.fromkeys(listed(match)) if name in names]
