"""Stage that searches for a cell's settings at one budget: trials.csv and chosen.json."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.device import resolve
from ebmbench.core.seeds import generator, hashed
from ebmbench.evaluation.search_criteria.interface import SearchCriterion, TrialModel
from ebmbench.planning import search_criteria
from ebmbench.planning.finished_searches import settings_digest
from ebmbench.planning.tuning import Changes, Space, merged, promoted, trial_columns, trials
from ebmbench.training.job import TrainingOutcome
from ebmbench.training.resume import StateFile, clear
from ebmbench.workflow.stages.train import TrainingInputs, job_key, train_seed
from ebmbench.workflow.stages.trained_runs import BaseRun, BlockFile, problem_of
from ebmbench.workflow.stages.trial_scores import choice, scores


class SearchInputs(NamedTuple):
    """Input files of a search: ``trials.csv`` of the stage ``before``, and the folder of the runs of its ``base``."""

    before: Path | None = None
    base: Path | None = None


NOTHING = SearchInputs()


class Search(NamedTuple):
    """Inputs that all trials of a search share; ``base``: the run that the cell's family builds on.

    ``column``: that of the scores by ``criterion``; ``of_scores``: the parts of a cell's settings that only these use;
    ``last``: the last training.
    """

    cell: Cell
    data: BlockFile
    device: torch.device
    base: BaseRun | None
    criterion: SearchCriterion
    column: str
    of_scores: tuple[str, ...]
    last: LastTraining


class LastTraining:
    """The outcome of the last training, which serves all trials that only sample its model in other ways."""

    def __init__(self) -> None:
        self._asked: tuple[int, dict[str, Any]] | None = None
        self._outcome: TrainingOutcome | None = None

    def of(self, seed: int, settings: dict[str, Any], train: Callable[[], TrainingOutcome]) -> TrainingOutcome:
        """Return the outcome of a training with these settings, the last one if it had the same."""
        if self._outcome is None or self._asked != (seed, settings):
            self._asked, self._outcome = (seed, settings), train()
        return self._outcome


class Trial(NamedTuple):
    """The settings that a trial changes, its number, and the seed that they are tried on."""

    number: int
    changes: Changes
    seed: int


def write_search(
    cell: Cell,
    settings: Mapping[str, Any],
    data_path: Path,
    device_name: str,
    code: str,
    out: Path,
    criterion: SearchCriterion,
    given: SearchInputs = NOTHING,
) -> None:
    """Train ``cell`` with each trial's settings on each seed; write ``trials.csv`` and ``chosen.json`` into ``out``.

    ``settings``: the cell's, by axis, ``train`` and what the criterion rests on, and ``tuning`` with ``space``,
    ``trials``, ``seeds`` and ``rung``, the multiple of the budget that ``train`` has. A first stage runs ``trials``
    trials; a later one the best ``trials`` of the stage before (:func:`~ebmbench.planning.tuning.promoted`). Trials
    share a seed's data, batches and initialisation; consecutive ones that differ only in how they are sampled share the
    training, too. They are compared by the mean over seeds of their scores by
    ``criterion``, which sees the seed's validation examples and no test examples. A trial that diverged on a seed, or
    has no score there, is never chosen; if none has a score, the choice of the stage before stays. Finished trials are
    kept in ``out`` until all are, so that a killed search goes on where it was. Raises :class:`UserError` for a family
    that the criterion does not apply to.
    """
    tuning = settings["tuning"]
    own = {part: values for part, values in settings.items() if part != "tuning"}
    data = BlockFile(data_path, plugins.load_entry("dataset", cell.dataset, settings["dataset"]))
    found = None if given.base is None else BaseRun.of(given.base)
    asked_for = search_criteria.of_search(tuning)
    search = Search(
        cell, data, resolve(device_name), found, criterion, asked_for.column, asked_for.parts, LastTraining()
    )
    own = own if found is None else {**own, "base": found.family}
    tried = _tried(cell, tuning, given.before)
    rows: list[dict[str, Any]] = []
    for trial in (Trial(number, changes, seed) for number, changes in tried.items() for seed in tuning["seeds"]):
        asked = merged(own, trial.changes)
        key = job_key(cell, asked, data, search.device, code, TrainingInputs(base=given.base))
        state = StateFile(out / f"resume-{trial.number}-{trial.seed}.pt", key | {"seed": trial.seed})
        row = _row(search, asked, trial.seed, state)
        named = {"trial": trial.number, "rung": tuning["rung"], "seed": trial.seed}
        rows.append(named | {"settings": json.dumps(trial.changes, sort_keys=True)} | row)
        words = f"trial {trial.number}, seed {trial.seed}: {row['status']} {row[search.column]} {trial.changes}"
        print(words, flush=True)
    table = pd.DataFrame(rows).reindex(columns=trial_columns(asked_for))
    chosen = choice(table, given.before)
    table["chosen"] = table["trial"] == chosen.trial
    table["settings_digest"] = settings_digest(settings)
    files.write_csv(out / "trials.csv", table)
    files.write_json(out / "chosen.json", chosen._asdict())
    clear(out)


def trials_of(cell: Cell, space: Space, count: int) -> list[Changes]:
    """Return the changes to the settings of ``cell`` that each of ``count`` trials makes."""
    return trials(space, count, hashed("tuning", *cell))


def _tried(cell: Cell, tuning: Mapping[str, Any], before: Path | None) -> dict[int, Changes]:
    """Return the changes of the trials that a stage runs, by number."""
    if before is None:
        return dict(enumerate(trials_of(cell, tuning["space"], tuning["trials"])))
    table = read_typed(before)
    named = dict(zip(table["trial"], table["settings"], strict=True))
    return {number: json.loads(named.get(number, "{}")) for number in promoted(scores(table), tuning["trials"])}


def _row(search: Search, settings: Mapping[str, Any], seed: int, state: StateFile) -> dict[str, Any]:
    """Return the row of a trial on a seed, without its number and settings: the one in ``state``, or a new one."""
    if state.found and "row" in state.found:
        return dict(state.found["row"])
    row = _trained(search, settings, seed, state)
    state.save({"row": row})
    return row


def _trained(search: Search, settings: Mapping[str, Any], seed: int, state: StateFile) -> dict[str, Any]:
    cell, data, device, base = search.cell, search.data, search.device, search.base
    if settings["train"].get("patience") is None:
        # without early stopping only the final model matters
        settings = {**settings, "train": settings["train"] | {"checkpoints": 1}}
    of_training = {part: values for part, values in settings.items() if part not in search.of_scores}
    outcome = search.last.of(
        seed, of_training, lambda: train_seed(cell, seed, settings, data, device, _no_columns, base, state)
    )
    cost = {name: outcome.costs.facts()[name] for name in ("seconds", "energy_evaluations", "gradient_evaluations")}
    row = {"status": outcome.status, "reason": outcome.reason, "steps": outcome.costs.step, **cost}
    if outcome.status != "ok":
        return row | {search.column: math.nan}
    found = search.criterion.score(_trial_model(search, settings, seed, outcome))
    failed = {"status": "failed", "reason": found.reason} if found.reason else {}
    scored = {search.column: found.score, "stderr": found.stderr, "log_z_stderr": found.log_z_stderr}
    return row | failed | scored


def _no_columns(model: object) -> dict[str, float]:
    """Monitor nothing: the curves of trials are not kept."""
    return {}


def _trial_model(search: Search, settings: Mapping[str, Any], seed: int, outcome: TrainingOutcome) -> TrialModel:
    model, data = outcome.model.eval().requires_grad_(False), search.data.of(seed)
    problem = problem_of(model, data, search.data.box, search.device)
    stream = generator("tuning", search.cell.dataset, seed, device=search.device.type)
    return TrialModel(search.cell.family, model, problem, data, search.device, settings, stream)
