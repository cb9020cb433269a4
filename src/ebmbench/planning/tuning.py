"""Hyper-parameter search: the trials of a search space, and the choice of the best trial.

A space maps each part of a cell's settings (an axis, ``train`` or ``sample``) and each setting of it to a list of
values, or to ``{"low": a, "high": b}`` for numbers between a and b, uniform on a logarithmic scale; ``sampler`` maps
the declared sampler to a list of settings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.cells import Cell, Job
from ebmbench.core.errors import UserError
from ebmbench.core.plugins import Field, check_settings
from ebmbench.planning import search_criteria
from ebmbench.planning.rungs import search_root, stages_so_far
from ebmbench.planning.search_criteria import Criterion
from ebmbench.planning.settings_schema import CHOICES

#: part -> setting -> values to try
Space = dict[str, dict[str, Any]]

#: changes to a cell's settings, by part and name
Changes = dict[str, dict[str, Any]]


def trial_columns(criterion: Criterion) -> list[str]:
    """Return the columns of trials.csv, which has one row per trial and seed."""
    return [
        *("trial", "rung", "seed", "settings", "status", "reason", "steps", "seconds"),
        *("energy_evaluations", "gradient_evaluations", criterion.column),
        *("stderr", "log_z_stderr", "chosen", "settings_digest"),
    ]


class Choice(NamedTuple):
    """The chosen trial: its number and its changes to the cell's settings; ``sound`` if any trial had a score."""

    trial: int
    settings: Changes
    sound: bool


def filled(tuning: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section ``tuning`` with defaults, and with ``halving``: its stages, each with trials and seeds.

    ``trials`` alone is a search of one stage. Raises :class:`UserError` if both are given, and for stages with more
    trials than the one before.
    """
    if "halving" in tuning and "trials" in tuning:
        raise UserError("config: tuning: trials and halving are both given; allowed: one of them")
    given = tuning.get("halving", [{"trials": tuning.get("trials", 1)}])
    counts = [of["trials"] for of in given]
    if sorted(counts, reverse=True) != counts:
        raise UserError(f"config: tuning.halving: trials {counts}; allowed: no more than in the stage before")
    rest = {key: value for key, value in tuning.items() if key not in ("trials", "halving")}
    return {"seed": 1000, "criterion": search_criteria.DEFAULT, **rest, "halving": [{"seeds": 1, **of} for of in given]}


def folder_of(config: Mapping[str, Any], cell: Cell, rung: int) -> Path:
    """Return the folder of a stage of a cell's search: without rungs, next to the folders of the cell's jobs."""
    folder = Job(cell, "").folder(search_root(config)).with_name("tuning")
    return folder / f"x{rung}" if config["rungs"] else folder


def log_of(config: Mapping[str, Any], cell: Cell, rung: int) -> Path:
    """Return the log of a stage of a cell's search."""
    name = f"{cell.method}-x{rung}.log" if config["rungs"] else f"{cell.method}.log"
    return search_root(config) / "logs/tune" / cell.dataset / name


def chosen_file(config: Mapping[str, Any], cell: Cell) -> Path:
    """Return the file with the settings of a searched cell at the rung of a resolved configuration."""
    return folder_of(config, cell, stages_so_far(config)[-1].rung) / "chosen.json"


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


def trials(space: Space, count: int, seed: int) -> list[Changes]:
    """Return ``count`` trials: the unchanged settings first, then points of a scrambled Halton sequence.

    The sequence (Owen 2017) fills the product of the settings evenly for any ``count``. A coordinate u in [0, 1)
    selects from n values of a list the one numbered floor(n u), and from a range low (high / low)^u. In a product of
    lists a point that selects what an earlier one did is skipped: it is tried whole if ``count`` exceeds its size, and
    more trials than that are not returned.
    """
    from scipy.stats import qmc

    names = [(part, name) for part, settings in space.items() for name in settings]
    sequence = qmc.Halton(len(names), scramble=True, seed=seed) if names else None
    size, drawn = _size(space), list[Changes]()
    while sequence and len(drawn) < min(count - 1, size):
        settings: Changes = {}
        for (part, name), u in zip(names, sequence.random(1)[0], strict=True):
            settings.setdefault(part, {})[name] = _at(space[part][name], float(u))
        # a narrow range has few numbers of four digits, and may be tried more often than that
        if math.isinf(size) or settings not in drawn:
            drawn.append(settings)
    return [{}, *drawn]


def _size(space: Space) -> float:
    """Return the number of different points of a space, infinity if it has a range."""
    settings = [values for part in space.values() for values in part.values()]
    return math.prod(math.inf if isinstance(values, Mapping) else _different(values) for values in settings)


def _different(values: Sequence[Any]) -> int:
    # values may be mappings, which have no hash
    return sum(value not in values[:place] for place, value in enumerate(values))


def _at(values: Any, u: float) -> Any:
    if isinstance(values, Mapping):
        # four digits, so that tables show exactly the value that was run
        return float(f"{values['low'] * (values['high'] / values['low']) ** u:.4g}")
    return values[min(int(u * len(values)), len(values) - 1)]


def merged(settings: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``settings`` with the ``changes`` applied to some of its parts; others that it lacks change nothing."""
    return {part: _updated(part, values, changes.get(part, {})) for part, values in settings.items()}


def _updated(part: str, values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a part with its changes; a part in :data:`CHOICES` has settings by a plug-in's name."""
    if part in CHOICES:
        return {**values, **{name: {**values[name], **own} for name, own in changes.items()}}
    return {**values, **changes}


def best(scores: Mapping[int, float], count: int) -> list[int]:
    """Return the numbers of the ``count`` trials with the lowest scores, the best first; ties: the lower number.

    A score that is not finite is never among them.
    """
    usable = [number for number, score in scores.items() if math.isfinite(score)]
    return sorted(usable, key=lambda number: (scores[number], number))[:count]


def promoted(scores: Mapping[int, float], count: int) -> list[int]:
    """Return the trials that the next stage runs, in order: the best ``count``, or trial 0 if none has a score."""
    return sorted(best(scores, count)) or [0]


def choose(tried: Mapping[int, Changes], scores: Mapping[int, float]) -> Choice:
    """Choose the trial with the lowest score; if no score is finite, the settings as configured, which are trial 0."""
    found = best(scores, 1)
    return Choice(found[0], dict(tried[found[0]]), True) if found else Choice(0, {}, False)
