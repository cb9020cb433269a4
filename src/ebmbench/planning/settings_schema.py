"""Settings that each part of a cell accepts. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError, allowed_names

#: stage -> module and dataclass that hold its settings
STAGES = {"train": ("training/settings.py", "TrainSettings"), "sample": ("inference/sampling.py", "SampleSettings")}

#: plug-ins that a cell chooses besides its axes: the sampler, and log Z estimators in the order in which they are tried
CHOICES = ("sampler", "likelihood")


def of_plugin(axis: str, name: str, section: str) -> dict[str, plugins.Field]:
    """Return the settings of a plug-in under the key ``section``; raise :class:`UserError` for an unknown name."""
    if name not in plugins.available(axis):
        raise UserError(f"config: {section}: {name!r} is unknown; {allowed_names(name, plugins.available(axis))}")
    return plugins.fields(axis, name)


def of_part(part: str, cell: Cell, settings: Mapping[str, Mapping[str, Any]]) -> dict[str, plugins.Field]:
    """Return the settings of a cell's axis or stage."""
    if part in STAGES:
        return of_stage(part)
    return plugins.fields(part, plugins.kind_of(getattr(cell, part), settings[part]))


def of_stage(stage: str) -> dict[str, plugins.Field]:
    """Return the settings of a stage."""
    module, class_name = STAGES[stage]
    return plugins.dataclass_fields(plugins.PACKAGE / module, class_name)
