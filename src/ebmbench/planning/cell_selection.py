"""Select cells of the grid by the names on their axes. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError, allowed_names

#: axis -> key of the configuration that lists its names
SECTIONS = {"dataset": "datasets", "family": "families", "loss": "losses", "stats": "stats"}

#: selection on an axis: a name, several names, or under ``not`` the names to leave out
Names = str | list[str] | Mapping[str, str | list[str]]


def matching(cells: list[Cell], match: Mapping[str, Any], where: str, config: Mapping[str, Any]) -> list[Cell]:
    """Return those of ``cells`` that agree with ``match`` on all axes that it names.

    ``match`` holds by axis a name, a list of names, or ``{not: ...}`` for all other names. Raises :class:`UserError`
    with a message that begins with ``where`` for a name that is not in the grid, or if no cell is left.
    """
    wanted = {axis: _wanted(names, config[SECTIONS[axis]], f"{where}.{axis}") for axis, names in match.items()}
    found = [cell for cell in cells if all(getattr(cell, axis) in names for axis, names in wanted.items())]
    if not found:
        raise UserError(f"{where} = {dict(match)} matches no cell of the grid")
    return found


def _wanted(names: Names, of_grid: Iterable[str], where: str) -> list[str]:
    for name in listed(names["not"] if isinstance(names, Mapping) else names):
        if name not in of_grid:
            raise UserError(f"{where} = {name!r} matches nothing; {allowed_names(name, of_grid)}")
    if isinstance(names, Mapping):
        return [name for name in of_grid if name not in listed(names["not"])]
    return listed(names)


def listed(names: str | list[str]) -> list[str]:
    """Return one name or several names as a list."""
    return [names] if isinstance(names, str) else names
