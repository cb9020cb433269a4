"""Stage that searches for a cell's settings: trials.csv and chosen.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.device import resolve
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator, hashed
from ebmbench.evaluation.metrics.likelihood import nll
from ebmbench.inference.likelihoods.interface import LogZ
from ebmbench.inference.sampling import SampleSettings, normalise
from ebmbench.models.blocks import log_density_in_blocks
from ebmbench.models.interface import Density
from ebmbench.planning.tuning import TRIALS, Space, choose, merged, trials
from ebmbench.training.job import TrainingOutcome
from ebmbench.workflow.stages.train import train_seed
from ebmbench.workflow.stages.trained_runs import BaseRun, BlockFile, problem_of

#: settings of the samples that come with a likelihood, which are not used here
DRAWS = SampleSettings(samples=1000, bounds=0)


class Search(NamedTuple):
    """Inputs that all trials of a search share; ``base``: the run that the cell's family builds on."""

    cell: Cell
    seed: int
    data: BlockFile
    device: torch.device
    base: BaseRun | None


def write_search(
    cell: Cell, settings: Mapping[str, Any], data_path: Path, device_name: str, out: Path, base: Path | None = None
) -> None:
    """Train ``cell`` with each trial's settings on one seed, and write ``trials.csv`` and ``chosen.json`` into ``out``.

    ``settings``: the cell's, by axis, ``train`` and ``likelihood``, and ``tuning`` with ``space``, ``trials`` and
    ``seed``; ``base``: the folder of the run that the cell's family builds on. Trials share the seed's data, batches
    and initialisation. They are compared by the mean negative log-likelihood of the seed's validation examples, with
    log Z by the cell's log Z estimators, so the search needs no known density. A trial that diverged, or whose log Z
    failed, is never chosen. Raises :class:`UserError` for a family without a density.
    """
    tuning = settings["tuning"]
    data = BlockFile(data_path, plugins.load_entry("dataset", cell.dataset, settings["dataset"]))
    found = None if base is None else BaseRun.of(base)
    search = Search(cell, tuning["seed"], data, resolve(device_name), found)
    settings = settings if found is None else {**settings, "base": found.family}
    tried = trials_of(cell, tuning["space"], tuning["trials"])
    rows: list[dict[str, Any]] = []
    for number, changes in enumerate(tried):
        row = _tried(search, merged(settings, changes))
        rows.append({"trial": number, "settings": json.dumps(changes, sort_keys=True)} | row)
        print(f"trial {number}: {row['status']} {row['val_nll']} {changes}", flush=True)
    choice = choose(tried, [row["val_nll"] for row in rows])
    table = pd.DataFrame(rows).reindex(columns=list(TRIALS))
    table["chosen"] = table["trial"] == choice.trial
    files.write_csv(out / "trials.csv", table)
    files.write_json(out / "chosen.json", choice._asdict())


def trials_of(cell: Cell, space: Space, count: int) -> list[dict[str, dict[str, Any]]]:
    """Return the changes to the settings of ``cell`` that each of ``count`` trials makes."""
    return trials(space, count, hashed("tuning", *cell))


def _tried(search: Search, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Run a trial and return its row, without its number and settings."""
    cell, seed, data, device, base = search
    if settings["train"].get("patience") is None:
        # without early stopping only the final model matters
        settings = {**settings, "train": settings["train"] | {"checkpoints": 1}}
    outcome = train_seed(cell, seed, settings, data, device, lambda model: {}, base)
    cost = {name: outcome.costs.facts()[name] for name in ("seconds", "energy_evaluations", "gradient_evaluations")}
    row = {"status": outcome.status, "reason": outcome.reason, "steps": outcome.costs.step, **cost}
    if outcome.status != "ok":
        return row | {"val_nll": math.nan}
    log_z = _log_z(search, settings, outcome)
    if log_z.status != "ok":
        return row | {"status": "failed", "reason": f"likelihood: {log_z.reason}", "val_nll": math.nan}
    if not isinstance(outcome.model, Density):
        raise UserError(
            f"tuning: family {cell.family} has no density in x, so its trials cannot be compared by likelihood; "
            "remove it from tuning.spaces"
        )
    val = data.of(seed).splits.val.to(device)
    estimate = nll(log_density_in_blocks(outcome.model, val) - log_z.value, log_z.stderr)
    return row | {"val_nll": estimate.value, "stderr": estimate.stderr, "log_z_stderr": log_z.stderr}


def _log_z(search: Search, settings: Mapping[str, Any], outcome: TrainingOutcome) -> LogZ:
    ways = [plugins.load("likelihood", name, **values) for name, values in settings["likelihood"].items()]
    model = outcome.model.eval().requires_grad_(False)
    stream = generator("tuning", search.cell.dataset, search.seed, device=search.device.type)
    problem = problem_of(model, search.data.of(search.seed), search.data.box, search.device)
    return normalise(problem, ways, DRAWS, stream).log_z
