"""Stage that constructs every plug-in of a grid before its first job.

Planning checks each setting by itself, from the source text. Conditions on several settings at once, such as
low < high, stand in the plug-ins' code and need torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ebmbench.core import plugins
from ebmbench.core.cells import AXES, Cell
from ebmbench.core.errors import UserError
from ebmbench.data.interface import Dataset
from ebmbench.inference.sampling import SampleSettings
from ebmbench.planning import config as configuration
from ebmbench.planning import tuning
from ebmbench.planning.cell_selection import SECTIONS
from ebmbench.planning.settings_schema import CHOICES
from ebmbench.training.settings import TrainSettings
from ebmbench.workflow.stages.tune import trials_of

#: stages with settings -> their dataclasses
STAGES: dict[str, Callable[..., object]] = {"train": TrainSettings, "sample": SampleSettings}


class Entry(NamedTuple):
    """What is constructed: the plug-in ``name`` of an axis, or a stage (then ``name`` is empty), and its settings.

    ``where``: the key of the configuration that names it.
    """

    where: str
    axis: str
    name: str
    settings: Mapping[str, Any]

    @property
    def content(self) -> str:
        """The entry without its key."""
        return json.dumps([self.axis, self.name, self.settings], sort_keys=True)

    def construct(self) -> None:
        """Construct it; raise :class:`~ebmbench.core.errors.UserError` that begins with the key."""
        if self.axis in STAGES:
            plugins.construct(self.where, STAGES[self.axis], self.settings)
        else:
            made = plugins.load_as(self.where, self.axis, self.name, self.settings)
            if isinstance(made, Dataset):
                self._check_source(made)

    def _check_source(self, dataset: Dataset) -> None:
        try:
            dataset.check_source()
        except UserError as error:
            raise UserError(f"{self.where}: {error}") from error


def check_grid_settings(config: Mapping[str, Any]) -> None:
    """Construct every plug-in that the jobs of a checked configuration will construct, each once.

    Covers the cells with their overrides, the values and trials of searches, sets of statistics, extractors,
    experiments and figures. Raises :class:`~ebmbench.core.errors.UserError` with one line that names the key.
    """
    plan = configuration.grid(config)
    distinct: dict[str, Entry] = {}
    for entry in (*_of_sections(config), *_of_cells(config, plan), *_of_searches(config, plan)):
        distinct.setdefault(entry.content, entry)
    for entry in distinct.values():
        entry.construct()


def _of_sections(config: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what no cell chooses."""
    for section, axis in (("sets", "statistic"), ("extractors", "extractor")):
        for key, entries in config[section].items():
            for name, settings in entries.items():
                yield Entry(f"config: {section}.{key}.{name}", axis, name, settings)
    for name, settings in config["experiments"].items():
        yield Entry(f"config: experiments.{name}", "experiment", name, settings)
    for name, entry in config["figures"].items():
        settings = configuration.figure_settings(entry)
        yield Entry(f"config: figures.{name}", "figure", plugins.kind_of(name, entry), settings)


def _of_cells(config: Mapping[str, Any], plan: configuration.Grid) -> Iterator[Entry]:
    for cell, settings in plan.settings.items():
        for axis in AXES:
            yield _of_part(axis, cell, settings[axis], config[SECTIONS[axis]][getattr(cell, axis)])
        for stage in STAGES:
            yield _of_part(stage, cell, settings[stage], config[stage])
        for choice in CHOICES:
            for name, own in settings[choice].items():
                key = _key(f"{choice}.{name}", cell, own == config[choice].get(name))
                yield Entry(key, choice, name, own)


def _of_part(part: str, cell: Cell, own: Mapping[str, Any], configured: Mapping[str, Any]) -> Entry:
    """Return the entry of a cell's axis or stage, whose settings are ``configured`` unless overrides change them."""
    name = getattr(cell, part, "")
    key = ".".join(filter(None, [SECTIONS.get(part, part), name]))
    return Entry(_key(key, cell, own == configured), part, plugins.kind_of(name, own), plugins.own_settings(own))


def _key(key: str, cell: Cell, as_configured: bool) -> str:
    return f"config: {key}" + ("" if as_configured else f" with the overrides of {cell.dataset}/{cell.method}")


def _of_searches(config: Mapping[str, Any], plan: configuration.Grid) -> Iterator[Entry]:
    """Yield the values of search spaces, each alone, then the settings of the trials."""
    for cell, space in plan.spaces.items():
        for changes in (*_alone(space), *trials_of(cell, space, config["tuning"]["halving"][0]["trials"])):
            merged = tuning.merged(plan.settings[cell], changes)
            for part, changed in changes.items():
                where = f"config: tuning.spaces: {part} of {cell.dataset}/{cell.method} with {changed}"
                if part in CHOICES:
                    yield from (Entry(where, part, name, own) for name, own in merged[part].items())
                else:
                    yield _of_part(part, cell, merged[part], merged[part])._replace(where=where)


def _alone(space: tuning.Space) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield the change that each value of a search space makes by itself."""
    for part, settings in space.items():
        for name, values in settings.items():
            for value in tuning.listed(values):
                yield {part: {name: value}}
