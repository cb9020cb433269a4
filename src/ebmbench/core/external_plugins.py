"""Plug-ins of other installed packages: found by their entry points, located without being imported."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path

from ebmbench.core.errors import UserError

#: axis of the grid, or choice of a cell, -> group of entry points whose plug-ins join it
GROUPS = {
    "dataset": "ebmbench.datasets",
    "family": "ebmbench.families",
    "loss": "ebmbench.losses",
    "stats": "ebmbench.moment_matching",
    "statistic": "ebmbench.statistics",
    "sampler": "ebmbench.samplers",
    "likelihood": "ebmbench.likelihoods",
    "extractor": "ebmbench.extractors",
    "experiment": "ebmbench.experiments",
    "figure": "ebmbench.figures",
}


@cache
def external_modules(axis: str) -> dict[str, str]:
    """Map the name of each external plug-in of ``axis`` to its dotted module, e.g. ``{"fdssm": "mine.fdssm"}``.

    An entry point ``fdssm = "mine.fdssm"`` of the group :data:`GROUPS` names a module whose ``__all__`` holds the
    plug-in's class. Raises :class:`UserError` if the name is not the module's own, or if two packages have it.
    """
    found: dict[str, str] = {}
    for point in _entry_points()[GROUPS[axis]]:
        where = f"entry point {point.name} = {point.value!r} of {GROUPS[axis]}"
        if point.name != point.module.rpartition(".")[2]:
            raise UserError(
                f"{where}: the name must equal the last part of the module name, {point.module.rpartition('.')[2]}"
            )
        if found.get(point.name, point.module) != point.module:
            raise UserError(f"{where}: {found[point.name]} has the same name; uninstall one of the two packages")
        found[point.name] = point.module
    return found


@cache
def _entry_points() -> dict[str, tuple[importlib.metadata.EntryPoint, ...]]:
    """Read the entry points of each group once, from all installed packages: a look takes tens of milliseconds."""
    found = importlib.metadata.entry_points()
    return {group: tuple(found.select(group=group)) for group in GROUPS.values()}


@cache
def source_root(package: str) -> Path | None:
    """Return the folder that holds an installed top-level package or module, or None; nothing is imported."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).parent
    return None if spec.origin is None else Path(spec.origin).parent


def module_file(module: str) -> Path:
    """Return the source file of a dotted module of an installed package; raises :class:`UserError` if there is none."""
    parts = module.split(".")
    root = source_root(parts[0])
    inside = [] if root is None else [root.joinpath(*parts, "__init__.py"), root.joinpath(*parts).with_suffix(".py")]
    for path in inside:
        if path.is_file():
            return path
    raise UserError(f"module {module}: its source file is missing; install its package again")
