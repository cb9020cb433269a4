"""Check a configuration and resolve it into jobs with their settings. Imports no torch."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core import plugins
from ebmbench.core.cells import AXES, Cell, Job
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.core.schemas import read_schema
from ebmbench.planning import (
    cell_dependencies,
    compatibility,
    rungs,
    schema_check,
    search_spaces,
    settings_schema,
    short_forms,
    statistic_sets,
    text_keys,
    tuning,
)
from ebmbench.planning.cell_selection import SECTIONS, matching
from ebmbench.planning.seed_blocks import Done, done_in, nothing_done, partition

DEFAULTS: dict[str, Any] = {
    "results": "results",
    "device": "auto",
    "seeds": 3,
    "seeds_per_job": 5,
    "train": {},
    "sample": {},
    "sampler": {"mala": {}},
    "likelihood": {"quadrature": {}, "smc": {}},
    "sets": {},
    "evaluate": ["moments"],
    "extractors": {},
    "include": [],
    "overrides": [],
    "exclude": [],
    "experiments": {},
    "figures": {"density_panels": {}, "kl_seconds": {}, "kl_evaluations": {}, "pareto": {}, "mismatch_bars": {}},
    "time_to_kl": {},
    "gap_to": None,
    "tuning": {"spaces": []},
    "rungs": [],
    "rung": None,
    "search": None,
}

#: reason for skipping a combination that ``include`` does not name
NOT_INCLUDED = "not in include"

Settings = dict[str, dict[str, Any]]


class Grid(NamedTuple):
    """The grid of jobs that a configuration defines.

    ``jobs``: in the order of the axes; ``settings``: of each cell by axis, stage and choice, only overrides of the
    plug-ins' defaults (a choice's are by name), and under ``statistics`` those that its models match; searched cells
    have the budget of the configuration's rung; ``skipped``: (cell, reason); ``spaces``: search spaces of the cells
    whose settings are searched; ``bases``: cell -> the cell on whose trained models its family builds; ``tilted``: cell
    -> the cell whose finished models it tilts; ``seeds``: the number of seeds of each cell, of which a job may have
    more.
    """

    jobs: list[Job]
    settings: dict[Cell, Settings]
    skipped: list[tuple[Cell, str]]
    spaces: dict[Cell, tuning.Space]
    bases: dict[Cell, Cell]
    tilted: dict[Cell, Cell]
    seeds: dict[Cell, int]


def check(config: Mapping[str, Any], schema: Path) -> dict[str, Any]:
    """Check a configuration and return it with short forms written out, defaults filled in and its rung resolved.

    Raises :class:`UserError` with one line that names the key and what is allowed: for a key or type that the schema
    rejects, an unknown plug-in, or an unknown setting of a plug-in.
    """
    text_keys.check_keys(config)
    rules = read_schema(schema)
    content = rungs.as_numbers(short_forms.expanded(config, rules))
    schema_check.check(content, rules)
    full = {**DEFAULTS, **content}
    full["tuning"] = tuning.filled(full["tuning"])
    for axis, section in SECTIONS.items():
        for name, settings in full[section].items():
            fields = settings_schema.of_plugin(axis, plugins.kind_of(name, settings), section)
            plugins.check_settings(f"config: {section}.{name}", fields, plugins.own_settings(settings))
    full["sets"] = statistic_sets.checked(full["sets"])
    for name in full["evaluate"]:
        statistic_sets.parts_of(name, full["sets"], "config: evaluate")
    _check_extractors(full)
    for stage in settings_schema.STAGES:
        plugins.check_settings(f"config: {stage}", settings_schema.of_stage(stage), full[stage])
    for choice in settings_schema.CHOICES:
        _check_choice(choice, full[choice], "config: ")
    for name, settings in full["experiments"].items():
        plugins.check_settings(
            f"config: experiments.{name}", settings_schema.of_plugin("experiment", name, "experiments"), settings
        )
    for name, entry in full["figures"].items():
        fields = settings_schema.of_plugin("figure", plugins.kind_of(name, entry), "figures")
        plugins.check_settings(f"config: figures.{name}", fields, figure_settings(entry))
    return rungs.resolved(full)


def _check_extractors(full: Mapping[str, Any]) -> None:
    for dataset, extractors in full["extractors"].items():
        where = f"extractors.{dataset}"
        if dataset not in full["datasets"]:
            raise UserError(f"config: {where}: unknown data set; {allowed_names(dataset, full['datasets'])}")
        for name, settings in extractors.items():
            plugins.check_settings(
                f"config: {where}.{name}", settings_schema.of_plugin("extractor", name, where), settings
            )


def figure_settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plug-in's settings in a figure's entry: all except the kind and the selection of cells."""
    return {key: value for key, value in plugins.own_settings(entry).items() if key not in ("match", "exclude")}


def planned(config: Mapping[str, Any]) -> Grid:
    """Resolve a checked configuration into the grid whose jobs keep the seeds that its results folder already has."""
    return grid(config, done_in(config["results"]))


def grid(config: Mapping[str, Any], done: Done = nothing_done) -> Grid:
    """Resolve a checked configuration into the grid: the included combinations of the axes without the exclusions.

    ``done``: the blocks of seeds of a cell that are not to be done again (:func:`~seed_blocks.partition`). Raises
    :class:`UserError` for an inclusion, exclusion or override that matches nothing, or that names a setting which a
    matched cell does not have.
    """
    cells = [Cell(*names) for names in itertools.product(*(config[SECTIONS[axis]] for axis in AXES))]
    reasons = cell_dependencies.made_elsewhere(cells, config) | _not_included(cells, config)
    for index, entry in enumerate(config["exclude"]):
        for cell in matching(cells, entry["match"], f"config: exclude[{index}].match", config):
            reasons.setdefault(cell, entry["reason"])
    reasons = compatibility.incompatible(cells, config) | reasons
    reasons |= compatibility.repeated([cell for cell in cells if cell not in reasons], config)
    kept = [cell for cell in cells if cell not in reasons]
    if not kept:
        raise UserError("config: exclude removes every cell of the grid")
    settings = {cell: _own_settings(cell, config) for cell in kept}
    seeds = dict.fromkeys(kept, config["seeds"])
    for index, entry in enumerate(config["overrides"]):
        where = f"config: overrides[{index}]"
        if "dataset" in entry["set"] and set(entry["match"]) != {"dataset"}:
            raise UserError(f"{where}.set.dataset: all methods share a data set; allowed keys of match: dataset")
        for cell in matching(kept, entry["match"], f"{where}.match", config):
            _override(settings[cell], cell, entry["set"], f"{where}.set")
            seeds[cell] = entry["set"].get("seeds", seeds[cell])
    for cell in kept:
        settings[cell]["statistics"] = cell_dependencies.statistics(cell, settings[cell], config)
    _check_tuning_seed(config["tuning"], max(seeds.values()))
    _check_targets(config["time_to_kl"], kept)
    _check_strong(config["gap_to"], kept)
    bases, tilted = cell_dependencies.bases(settings, seeds), cell_dependencies.tilted(settings, seeds)
    spaces = search_spaces.of_cells(settings, bases, config)
    for cell in spaces:
        settings[cell]["train"] = rungs.scaled(settings[cell]["train"], config["rung"])
    size = config["seeds_per_job"]
    blocks = {cell: partition(seeds[cell], size, done(_first_made(cell, bases | tilted))) for cell in kept}
    return Grid(
        [Job(cell, block) for cell in kept for block in blocks[cell]],
        settings,
        skipped=list(reasons.items()),
        spaces=spaces,
        bases=bases,
        tilted=tilted,
        seeds=seeds,
    )


def _first_made(cell: Cell, before: Mapping[Cell, Cell]) -> Cell:
    """Return the cell on whose runs ``cell`` depends in the end; both must have the same blocks."""
    while cell in before:
        cell = before[cell]
    return cell


def _not_included(cells: list[Cell], config: Mapping[str, Any]) -> dict[Cell, str]:
    """Return the cells that no entry of ``include`` matches; none if there are no entries."""
    if not config["include"]:
        return {}
    included = {
        cell
        for index, entry in enumerate(config["include"])
        for cell in matching(cells, entry["match"], f"config: include[{index}].match", config)
    }
    return dict.fromkeys([cell for cell in cells if cell not in included], NOT_INCLUDED)


def _own_settings(cell: Cell, config: Mapping[str, Any]) -> Settings:
    own = {axis: dict(config[SECTIONS[axis]][getattr(cell, axis)]) for axis in AXES}
    chosen = {
        choice: {name: dict(values) for name, values in config[choice].items()} for choice in settings_schema.CHOICES
    }
    return own | {stage: dict(config[stage]) for stage in settings_schema.STAGES} | chosen


def _check_tuning_seed(tuned: Mapping[str, Any], seeds: int) -> None:
    if tuned["spaces"] and tuned["seed"] < seeds:
        raise UserError(f"config: tuning.seed = {tuned['seed']} is a seed of the grid; allowed: {seeds} or more")


def _check_targets(targets: Mapping[str, Any], kept: list[Cell]) -> None:
    for dataset, target in targets.items():
        allowed = [cell.method for cell in kept if cell.dataset == dataset]
        if target["reference"] not in allowed:
            where = f"config: time_to_kl.{dataset}.reference = {target['reference']!r}"
            known = allowed_names(target["reference"], allowed, "none on this data set")
            raise UserError(f"{where} is not a cell of the grid; {known}")


def _check_strong(method: str | None, kept: list[Cell]) -> None:
    allowed = dict.fromkeys(cell.method for cell in kept)
    if method is not None and method not in allowed:
        raise UserError(f"config: gap_to = {method!r} is not a method of the grid; {allowed_names(method, allowed)}")


def _override(settings: Settings, cell: Cell, changes: Mapping[str, Any], where: str) -> None:
    for part, values in changes.items():
        if part == "seeds":
            continue
        if part in settings_schema.CHOICES:
            _check_choice(part, values, f"{where}.")
            settings[part] = _chosen(settings[part], values)
            continue
        fields = settings_schema.of_part(part, cell, settings)
        plugins.check_settings(f"{where}.{part} ({cell.method})", fields, values)
        settings[part].update(values)


def _chosen(before: Mapping[str, dict[str, Any]], changes: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Update the settings of names that are all present already; otherwise the new names replace the old ones."""
    if set(changes) <= set(before):
        return {name: {**values, **changes.get(name, {})} for name, values in before.items()}
    return {name: dict(values) for name, values in changes.items()}


def _check_choice(choice: str, values: Mapping[str, dict[str, Any]], prefix: str) -> None:
    for name, settings in values.items():
        plugins.check_settings(f"{prefix}{choice}.{name}", settings_schema.of_plugin(choice, name, choice), settings)
