"""The search for settings: which values are tried, and which trial is chosen.

A space names, for a part of a cell's settings (an axis or ``train``) and a setting of it, a list of values, or
``{"low": a, "high": b}`` for numbers between a and b, even in their logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import Cell, Job
from ebmbench.core.errors import UserError
from ebmbench.core.plugins import Field, check_settings

#: part -> setting -> what may be tried
Space = dict[str, dict[str, Any]]

#: one row a trial of trials.csv
TRIALS = (
    *("trial", "settings", "status", "reason", "steps", "seconds", "energy_evaluations", "gradient_evaluations"),
    *("val_nll", "stderr", "log_z_stderr", "chosen"),
)


class Choice(NamedTuple):
    """The chosen trial: its number and what it changes in the cell's settings; ``sound`` if any trial had a score."""

    trial: int
    settings: dict[str, dict[str, Any]]
    sound: bool


def folder_of(results: str | Path, cell: Cell) -> Path:
    """Where the search of a cell is kept: beside the folders of its jobs."""
    return Job(cell, "").folder(results).with_name("tuning")


def check_space(where: str, known: dict[str, Field], settings: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` for a setting that is unknown, or values to try that it does not admit."""
    for name, values in settings.items():
        if isinstance(values, Mapping):
            if set(values) != {"low", "high"} or not 0 < values["low"] < values["high"]:
                raise UserError(f"{where}: {name} = {dict(values)}; allowed: low and high with 0 < low < high")
            tried: Sequence[Any] = [float(values["low"]), float(values["high"])]
        else:
            tried = values
        for value in tried:
            check_settings(where, known, {name: value})


def trials(space: Space, count: int, seed: int) -> list[dict[str, dict[str, Any]]]:
    """``count`` settings to try: none changed first, then points of a scrambled Halton sequence.

    The sequence (Owen 2017) fills the product of the settings evenly whatever ``count`` is; a list's value is the
    one whose share of [0, 1) holds the coordinate, a range's is low (high / low)^u.
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
        # four digits: what a table shows is what was run
        return float(f"{values['low'] * (values['high'] / values['low']) ** u:.4g}")
    return values[min(int(u * len(values)), len(values) - 1)]


def merged(settings: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """``settings`` with the ``changes`` of some of its parts."""
    return {part: {**values, **changes.get(part, {})} for part, values in settings.items()}


def choose(tried: Sequence[Mapping[str, Any]], scores: Sequence[float]) -> Choice:
    """The trial of least score; the first, as configured, where no score is a finite number."""
    usable = [score if math.isfinite(score) else math.inf for score in scores]
    best = min(range(len(usable)), key=usable.__getitem__)
    return Choice(best, dict(tried[best]), math.isfinite(usable[best]))
