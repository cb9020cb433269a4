"""Hyper-parameter search: the trials of a search space, and the choice of the best trial.

A space maps each part of a cell's settings (an axis or ``train``) and each setting of it to a list of values, or
to ``{"low": a, "high": b}`` for numbers between a and b, uniform on a logarithmic scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import Cell, Job
from ebmbench.core.errors import UserError
from ebmbench.core.plugins import Field, check_settings

#: part -> setting -> values to try
Space = dict[str, dict[str, Any]]

#: columns of trials.csv, one row per trial
TRIALS = (
    *("trial", "settings", "status", "reason", "steps", "seconds", "energy_evaluations", "gradient_evaluations"),
    *("val_nll", "stderr", "log_z_stderr", "chosen"),
)


class Choice(NamedTuple):
    """The chosen trial: its number and its changes to the cell's settings; ``sound`` if any trial had a score."""

    trial: int
    settings: dict[str, dict[str, Any]]
    sound: bool


def folder_of(results: str | Path, cell: Cell) -> Path:
    """Return the folder of a cell's search, next to the folders of its jobs."""
    return Job(cell, "").folder(results).with_name("tuning")


def check_space(where: str, known: dict[str, Field], settings: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` for an unknown setting, or for values of the wrong type or out of range."""
    for name, values in settings.items():
        if isinstance(values, Mapping) and (set(values) != {"low", "high"} or not 0 < values["low"] < values["high"]):
            raise UserError(f"{where}: {name} = {dict(values)}; allowed: low and high with 0 < low < high")
        for value in listed(values):
            check_settings(where, known, {name: value})


def listed(values: Any) -> Sequence[Any]:
    """Return the values of a setting in a search space: those listed, or the two ends of a range."""
    return [float(values["low"]), float(values["high"])] if isinstance(values, Mapping) else values


def trials(space: Space, count: int, seed: int) -> list[dict[str, dict[str, Any]]]:
    """Return ``count`` trials: the unchanged settings first, then points of a scrambled Halton sequence.

    The sequence (Owen 2017) fills the product of the settings evenly for any ``count``. A coordinate u in [0, 1)
    selects from n values of a list the one numbered floor(n u), and from a range low (high / low)^u.
    """
    from scipy.stats import qmc

    names = [(part, name) for part, settings in space.items() for name in settings]
    points = qmc.Halton(len(names), scramble=True, seed=seed).random(count - 1) if names and count > 1 else []
    drawn = []
    for point in points:
        settings: dict[str, dict[str, Any]] = {}
        for (part, name), u in zip(names, point, strict=True):
            settings.setdefault(part, {})[name] = _at(space[part][name], float(u))
        drawn.append(settings)
    return [{}, *drawn]


def _at(values: Any, u: float) -> Any:
    if isinstance(values, Mapping):
        # four digits, so that tables show exactly the value that was run
        return float(f"{values['low'] * (values['high'] / values['low']) ** u:.4g}")
    return values[min(int(u * len(values)), len(values) - 1)]


def merged(settings: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``settings`` with the ``changes`` applied to some of its parts."""
    return {part: {**values, **changes.get(part, {})} for part, values in settings.items()}


def choose(tried: Sequence[Mapping[str, Any]], scores: Sequence[float]) -> Choice:
    """Choose the trial with the lowest score, or the first (as configured) if no score is finite."""
    usable = [score if math.isfinite(score) else math.inf for score in scores]
    best = min(range(len(usable)), key=usable.__getitem__)
    return Choice(best, dict(tried[best]), math.isfinite(usable[best]))
