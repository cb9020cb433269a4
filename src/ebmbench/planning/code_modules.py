"""Entry modules of a cell's jobs: code digests cover these and everything they import. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ebmbench.core.cells import Cell
from ebmbench.core.plugins import kind_of, module_name
from ebmbench.planning import search_criteria
from ebmbench.planning.cell_selection import SECTIONS
from ebmbench.planning.config import Grid
from ebmbench.planning.settings_schema import CHOICES


def of_entry(config: Mapping[str, Any], axis: str, name: str) -> str:
    """Return the module of the plug-in behind an entry of an axis."""
    return module_name(axis, kind_of(name, config[SECTIONS[axis]][name]))


def of_training(config: Mapping[str, Any], grid: Grid, cell: Cell) -> list[str]:
    """Return the modules of a training job: the stage and the trained plug-ins."""
    return _of_stage("train", config, grid, cell, ("family", "loss", "stats"))


def of_search(config: Mapping[str, Any], grid: Grid, cell: Cell) -> list[str]:
    """Return the modules of a search for settings: the stage, the trained plug-ins, and those of its criterion."""
    trained = _of_stage("tune", config, grid, cell, ("family", "loss", "stats"))
    criterion = search_criteria.of_search(config["tuning"])
    chosen = [part for part in criterion.parts if part in CHOICES]
    features = [] if criterion.extractor is None else [module_name("extractor", criterion.extractor)]
    return [*trained, criterion.module, *features, *_chosen(grid, cell, chosen)]


def of_tilting(config: Mapping[str, Any], grid: Grid, cell: Cell) -> list[str]:
    """Return the modules of a tilting job: the stage, family, moment-matching method and log Z estimators."""
    tilted = _of_stage("tilt", config, grid, cell, ("family", "stats"))
    return [*tilted, *_chosen(grid, cell, ["likelihood"])]


def of_sampling(config: Mapping[str, Any], grid: Grid, cell: Cell) -> list[str]:
    """Return the modules of a sampling job: the stage, the family and its base, the sampler and log Z estimators."""
    found = _of_stage("sample", config, grid, cell, ("family",))
    if cell in grid.bases:
        found.append(of_entry(config, "family", grid.bases[cell].family))
    return [*found, *_chosen(grid, cell, CHOICES)]


def of_run(config: Mapping[str, Any], grid: Grid, cell: Cell) -> list[str]:
    """Return the modules that produce a cell's finished runs: of tilting another cell's runs, or of training."""
    made_by = of_tilting if cell in grid.tilted else of_training
    return made_by(config, grid, cell)


def _of_stage(stage: str, config: Mapping[str, Any], grid: Grid, cell: Cell, axes: Iterable[str]) -> list[str]:
    entries = [of_entry(config, axis, getattr(cell, axis)) for axis in axes]
    matched = [module_name("statistic", name) for name in grid.settings[cell]["statistics"]]
    return [f"ebmbench.workflow.stages.{stage}", *entries, *matched]


def _chosen(grid: Grid, cell: Cell, choices: Iterable[str]) -> list[str]:
    return [module_name(part, name) for part in choices for name in grid.settings[cell][part]]
