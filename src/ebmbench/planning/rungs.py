"""Rungs: the same grid at multiples of its budget, each with a results folder of its own. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ebmbench.core.errors import UserError
from ebmbench.planning import settings_schema

#: folder of the searches that all rungs share, beside the folders of the rungs
SEARCH = "search"


class Stage(NamedTuple):
    """A stage of a search: the best ``trials`` of the stage before, at ``rung`` times the budget, on each of ``seeds``.

    The first stage has no stage before it and runs all trials.
    """

    rung: int
    trials: int
    seeds: tuple[int, ...]


def as_numbers(content: Any) -> Any:
    """Return a configuration whose rungs are numbers: Snakemake's ``--config rungs=[1,4]`` makes text of them.

    Anything else stays as it is, for the schema to refuse.
    """
    given = content.get("rungs") if isinstance(content, Mapping) else None
    if not isinstance(given, list):
        return content
    return {**content, "rungs": [int(of) if isinstance(of, str) and of.isdecimal() else of for of in given]}


def resolved(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a full configuration with its rung chosen, and that rung's folder as ``results``.

    ``rungs`` becomes a list, which is empty for a grid without rungs, whose ``rung`` is 1 and whose folder stays. The
    rung is the last one by default. Raises :class:`UserError` for rungs that do not ascend, and for a rung that is not
    among them.
    """
    rungs = [config["rungs"]] if isinstance(config["rungs"], int) else list(config["rungs"])
    if sorted(set(rungs)) != rungs:
        raise UserError(f"config: rungs = {rungs}; allowed: ascending positive integers, such as [1, 4, 16]")
    if not rungs:
        if config["rung"] is not None:
            raise UserError(f"config: rung = {config['rung']}, but rungs is missing; allowed: with rungs only")
        return {**config, "rungs": [], "rung": 1}
    rung = rungs[-1] if config["rung"] is None else config["rung"]
    if rung not in rungs:
        raise UserError(f"config: rung = {rung} is not one of rungs; allowed: {', '.join(map(str, rungs))}")
    return {**config, "rungs": rungs, "rung": rung, "results": str(folder_of(config["results"], rung))}


def at_rung(config: Mapping[str, Any], rung: int) -> dict[str, Any]:
    """Return a resolved configuration as it is at another of its rungs; without rungs it is the same at all."""
    if not config["rungs"]:
        return dict(config)
    return {**config, "rung": rung, "results": str(folder_of(root_of(config), rung))}


def folder_of(root: str | Path, rung: int) -> Path:
    """Return the results folder of a rung in the folder of the whole ladder."""
    return Path(root, f"x{rung}")


def root_of(config: Mapping[str, Any]) -> Path:
    """Return the folder of all rungs of a resolved configuration: without rungs, that of its results."""
    results = Path(config["results"])
    return results.parent if config["rungs"] else results


def search_root(config: Mapping[str, Any]) -> Path:
    """Return the folder that holds the searches of a resolved configuration and their data."""
    return root_of(config) / SEARCH if config["rungs"] else Path(config["results"])


def scaled(train: Mapping[str, Any], rung: int) -> dict[str, Any]:
    """Return settings of training with ``rung`` times the budget: of evaluations, or of steps if they have no such."""
    if rung == 1:
        return dict(train)
    if train.get("evaluations") is not None:
        return {**train, "evaluations": rung * train["evaluations"]}
    steps = train.get("steps", settings_schema.of_stage("train")["steps"].default)
    return {**train, "steps": rung * steps}


def stages(config: Mapping[str, Any]) -> list[Stage]:
    """Return the stages of every search of a resolved configuration, one for each rung, as far as both lists go."""
    tuned = config["tuning"]
    return [
        Stage(rung, of["trials"], tuple(range(tuned["seed"], tuned["seed"] + of["seeds"])))
        for rung, of in zip(config["rungs"] or [1], tuned["halving"], strict=False)
    ]


def stages_so_far(config: Mapping[str, Any]) -> Sequence[Stage]:
    """Return the stages up to the configuration's rung, of which the last chooses the settings of its runs."""
    return [of for of in stages(config) if of.rung <= config["rung"]]


def search_seeds(config: Mapping[str, Any]) -> str:
    """Return the block of the seeds of all searches; it is the same for any choice of rungs."""
    tuned = config["tuning"]
    return f"{tuned['seed']}-{tuned['seed'] + max(of['seeds'] for of in tuned['halving']) - 1}"


def rungs_in(configfile: Path) -> list[int]:
    """Return the rungs of a configuration file, ``[1]`` if it has none; raise :class:`UserError` for a bad file."""
    try:
        content = yaml.safe_load(configfile.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{configfile}: {' '.join(str(error).split())}") from error
    given = content.get("rungs", 1) if isinstance(content, dict) else 1
    found = [given] if isinstance(given, int) else given
    if not isinstance(found, list) or not found or not all(isinstance(rung, int) and rung > 0 for rung in found):
        raise UserError(f"config: rungs = {given!r}; allowed: ascending positive integers, such as [1, 4, 16]")
    return found
