"""Dependencies of cells on the finished runs of other cells, and the statistics each cell matches. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.planning import settings_schema, statistic_sets

#: the settings of a cell, by axis, stage and choice
Settings = Mapping[str, Mapping[str, Any]]


#: why a model of kind ``outside`` is excluded from all cells with a loss or statistics
MADE_ELSEWHERE = "an external model has no loss or statistics of this benchmark"


def made_elsewhere(cells: Iterable[Cell], config: Mapping[str, Any]) -> dict[Cell, str]:
    """Return the excluded cells, which pair a model made elsewhere with a loss or statistics, with the reason."""
    outside = {name for name, own in config["families"].items() if plugins.kind_of(name, own) == "outside"}
    asked = [cell for cell in cells if cell.family in outside and (cell.loss, cell.stats) != ("none", "none")]
    return dict.fromkeys(asked, MADE_ELSEWHERE)


def dataset(settings: Mapping[Cell, Settings], name: str) -> Mapping[str, Any]:
    """Return the settings of a data set, which all its cells share."""
    return next(own for cell, own in settings.items() if cell.dataset == name)["dataset"]


def datasets_with_pages(config: Mapping[str, Any], cells: Iterable[Cell]) -> list[str]:
    """Return the data sets of ``cells`` that are tables or images, each once."""
    names = dict.fromkeys(cell.dataset for cell in cells)
    kinds = {name: plugins.kind_of(name, config["datasets"][name]) for name in names}
    return [
        name
        for name, kind in kinds.items()
        if any(plugins.inherits("dataset", kind, base) for base in ("Table", "Images"))
    ]


def statistics(cell: Cell, own: Settings, config: Mapping[str, Any]) -> statistic_sets.Parts:
    """Return the statistics that a cell's models match, by name: those of its entry's set.

    Raises :class:`UserError` for an unknown set.
    """
    name = set_of(cell, own)
    return {} if name is None else statistic_sets.parts_of(name, config["sets"], f"config: stats.{cell.stats}.set")


def set_of(cell: Cell, own: Settings) -> str | None:
    """Return the name of the set of statistics that a cell's models match, or None if they match none."""
    return _chosen("stats", "set", cell, own)


def targets(cell: Cell, own: Settings, config: Mapping[str, Any]) -> list[str]:
    """Return the set that a cell's models match, and the evaluated sets that it contains entirely."""
    name, given = set_of(cell, own), statistics(cell, own, config)
    parts = {other: statistic_sets.parts_of(other, config["sets"], "config: evaluate") for other in config["evaluate"]}
    within = [other for other, of in parts.items() if of.items() <= given.items()]
    return within if name is None or name in within else [name, *within]


def bases(settings: Mapping[Cell, Settings], seeds: Mapping[Cell, int]) -> dict[Cell, Cell]:
    """Map each cell whose family has a setting ``base`` to the cell with that family, trained by ``ml``.

    Both cells have the same seeds. Raises :class:`UserError` if the base cell is not in the grid, or has another
    number of seeds.
    """
    found: dict[Cell, Cell] = {}
    for cell, own in settings.items():
        name = _chosen("family", "base", cell, own)
        if name is not None:
            base = Cell(cell.dataset, name, "ml", "none")
            near = [other.family for other in settings if other == base._replace(family=other.family)]
            allowed = [family for family in near if family != cell.family]
            found[cell] = _checked(f"config: families.{cell.family}.base", name, cell, base, seeds, allowed)
    return found


def tilted(settings: Mapping[Cell, Settings], seeds: Mapping[Cell, int]) -> dict[Cell, Cell]:
    """Map each cell whose ``stats`` entry has a setting ``run`` to the cell with that entry, whose runs it tilts.

    Both cells agree on all other axes. Raises :class:`UserError` if the cell to tilt is not in the grid, has another
    number of seeds, or has statistics of its own.
    """
    found: dict[Cell, Cell] = {}
    for cell, own in settings.items():
        name = _chosen("stats", "run", cell, own)
        if name is not None:
            near = [other.stats for other in settings if other == cell._replace(stats=other.stats)]
            allowed = [stats for stats in near if stats != cell.stats]
            run = cell._replace(stats=name)
            found[cell] = _checked(f"config: stats.{cell.stats}.run", name, cell, run, seeds, allowed)
    for cell, run in found.items():
        if set_of(run, settings[run]) is not None:
            where = f"config: stats.{cell.stats}.run = {run.stats!r}"
            raise UserError(f"{where} has its own statistics; allowed: an entry without statistics")
    return found


def _chosen(axis: str, key: str, cell: Cell, own: Settings) -> str | None:
    """Return a cell's setting ``key`` on an axis, or None if the plug-in has no such setting."""
    fields = settings_schema.of_part(axis, cell, own)
    return own[axis].get(key, fields[key].default) if key in fields else None


def _checked(key: str, name: str, cell: Cell, run: Cell, seeds: Mapping[Cell, int], allowed: list[str]) -> Cell:
    """Return ``run``, on which ``cell`` depends, if it is in the grid with the same number of seeds; else raise.

    ``key`` has the value ``name``, by which ``run`` was chosen; ``allowed``: the names of other cells that are there.
    """
    where = f"{key} = {name!r}"
    if run not in seeds:
        names = allowed_names(name, allowed, label="allowed on this data set")
        raise UserError(f"{where}: no cell {run.dataset}/{run.method}; {names}")
    if seeds[run] != seeds[cell]:
        raise UserError(f"{where}: {seeds[run]} seeds; allowed: {seeds[cell]}, as many as {cell.method} has")
    return run
