"""Search spaces of the cells of a configuration. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning import compatibility, search_criteria, settings_schema
from ebmbench.planning.cell_selection import matching
from ebmbench.planning.extractor_names import check_extractor
from ebmbench.planning.tuning import Space, check_space


def of_cells(
    settings: Mapping[Cell, Mapping[str, dict[str, Any]]], bases: Mapping[Cell, Cell], config: Mapping[str, Any]
) -> dict[Cell, Space]:
    """Return the search space of each cell: entries of ``tuning.spaces`` are merged, and later ones take precedence.

    ``settings``: those of the grid's cells; ``bases``: cell -> the one it builds on. Raises :class:`UserError` for a
    setting that a cell does not have, a budget that rungs give, a base that is not searched with what builds on it,
    and a criterion by features that a searched data set has no extractor for.
    """
    spaces: dict[Cell, Space] = {}
    for index, entry in enumerate(config["tuning"]["spaces"]):
        where = f"config: tuning.spaces[{index}]"
        for cell in matching(list(settings), entry["match"], f"{where}.match", config):
            space = spaces.setdefault(cell, {})
            for part, values in entry["space"].items():
                _check_part(f"{where}.space.{part}", part, config)
                _check_values(f"{where}.space.{part}", part, cell, settings[cell], values)
                _check_budget(f"{where}.space.{part}", part, values, config)
                space[part] = {**space.get(part, {}), **values}
    _check_searched_bases(spaces, bases, config)
    _check_criterion(spaces, config)
    return spaces


def _check_part(where: str, part: str, config: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` for settings of samples if the search's criterion does not rest on any."""
    criterion = search_criteria.of_search(config["tuning"])
    if part in search_criteria.OF_SAMPLES and part not in criterion.parts:
        raise UserError(f"{where}: the criterion {criterion.name} rests on no samples; allowed with it: fd_cnn")


def _check_values(
    where: str, part: str, cell: Cell, settings: Mapping[str, dict[str, Any]], values: Mapping[str, Any]
) -> None:
    """Raise :class:`UserError` for an unknown setting, a value of the wrong type, or another sampler."""
    if part not in settings_schema.CHOICES:
        check_space(f"{where} ({cell.method})", settings_schema.of_part(part, cell, settings), values)
        return
    for name, options in values.items():
        if name not in settings[part]:
            raise UserError(
                f"{where} ({cell.method}): {name!r}; allowed: {', '.join(settings[part])}, which it declares"
            )
        for own in options:
            plugins.check_settings(f"{where}.{name} ({cell.method})", settings_schema.of_plugin(part, name, part), own)


def _check_budget(where: str, part: str, values: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` if a search that rungs give their budget is to choose a budget itself."""
    named = [name for name in ("evaluations", "steps") if part == "train" and name in values]
    if named and config["rungs"]:
        raise UserError(f"{where}: {named[0]} is the budget, which rungs multiply; allowed: settings of another kind")


def _check_searched_bases(spaces: Mapping[Cell, Space], bases: Mapping[Cell, Cell], config: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` if a searched cell builds on a base that is not: what it gains would be the search's.

    A base in closed form has nothing to search.
    """
    for cell in spaces:
        base = bases.get(cell)
        if base is None or base in spaces:
            continue
        if not compatibility.closed_form(plugins.kind_of(base.family, config["families"][base.family])):
            where = f"config: tuning.spaces: {cell.dataset}/{cell.method} is searched and its base {base.method} is not"
            raise UserError(f"{where}; allowed: an entry for both or for neither")


def _check_criterion(spaces: Mapping[Cell, Space], config: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` if trials are to be compared by features that a searched data set has no extractor for.

    Rungs share searches and not extractors.
    """
    criterion = search_criteria.of_search(config["tuning"])
    if criterion.extractor is None:
        return
    where = f"config: tuning.criterion = {criterion.name!r}"
    if config["rungs"]:
        raise UserError(f"{where} with rungs; allowed with rungs: {search_criteria.DEFAULT}")
    for dataset in dict.fromkeys(cell.dataset for cell in spaces):
        check_extractor(config, dataset, criterion.extractor, where)
