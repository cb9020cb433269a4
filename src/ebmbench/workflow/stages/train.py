"""Stage that trains the seeds of a job one after the other: model.safetensors, curves.csv, run.json."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell, seeds_of
from ebmbench.core.columns import CURVES
from ebmbench.core.device import resolve
from ebmbench.core.seeds import generator, hashed
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.interface import Model
from ebmbench.planning.tuning import merged
from ebmbench.provenance import environment
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.job import Streams, TrainingJob, TrainingOutcome
from ebmbench.training.loop import match_moments, train
from ebmbench.training.resume import StateFile, clear, state_path
from ebmbench.training.settings import TrainSettings
from ebmbench.workflow.stages.density_monitor import density_monitor
from ebmbench.workflow.stages.trained_runs import BaseRun, BlockFile, build, problem_of

#: per cent of a run's steps between two lines of progress
PER_CENT = 5


class TrainingInputs(NamedTuple):
    """Input files of a training job: the settings ``chosen`` by a search, and the folder of the run of its ``base``."""

    chosen: Path | None = None
    base: Path | None = None


NOTHING = TrainingInputs()


class Ended(NamedTuple):
    """Results of one seed that go into a job's files."""

    facts: dict[str, Any]
    curve: list[dict[str, float]]
    weights: dict[str, Tensor]

    @classmethod
    def of(cls, outcome: TrainingOutcome) -> Ended:
        """Extract the results from the outcome of a training run."""
        return cls(_facts(outcome), outcome.curve, outcome.model.state_dict())


def train_seeds(
    cell: Cell,
    block: str,
    settings: Mapping[str, Any],
    data_path: Path,
    device_name: str,
    code: str,
    out: Path,
    given: TrainingInputs = NOTHING,
) -> None:
    """Train ``cell`` on every seed of ``block`` and write the contract's files into ``out``.

    ``settings`` holds overrides of the defaults, by axis and for ``train``; run.json records all settings, including
    defaults and the changes by the files in ``given``.
    """
    device, base = resolve(device_name), None
    if given.chosen is not None:
        settings = merged(settings, files.read_json(given.chosen)["settings"])
    if given.base is not None:
        base = BaseRun.of(given.base)
        settings = {**settings, "base": base.family}
    plugins_used = {axis: plugins.load_entry(axis, getattr(cell, axis), settings[axis]) for axis in cell._fields}
    data = BlockFile(data_path, plugins_used["dataset"])
    job = job_key(cell, settings, data, device, code, given)
    ended: dict[int, Ended] = {}
    for seed in seeds_of(block):
        state = StateFile(state_path(out, seed), job | {"seed": seed})
        if state.found and "ended" in state.found:
            ended[seed] = Ended(**state.found["ended"])
        else:
            monitor = density_monitor(data.grid, data.known_rows(seed), device)
            ended[seed] = Ended.of(train_seed(cell, seed, settings, data, device, monitor, base, state))
            state.save({"ended": ended[seed]._asdict()})
        print(f"seed {seed}: {ended[seed].facts['status']} {ended[seed].facts['reason']}".rstrip(), flush=True)
    tensors = {f"{seed}/{name}": tensor for seed, of_seed in ended.items() for name, tensor in of_seed.weights.items()}
    curves = [{"seed": seed} | row for seed, of_seed in ended.items() for row in of_seed.curve]
    files.write_tensors(out / "model.safetensors", tensors)
    files.write_csv(out / "curves.csv", pd.DataFrame(curves).reindex(columns=list(CURVES)))
    run = {"cell": cell._asdict(), "runs": {str(seed): of_seed.facts for seed, of_seed in ended.items()}}
    run["settings"] = _all_settings(settings, plugins_used)
    run["provenance"] = {
        "code_digest": code,
        "data_digest": data.facts["digest"],
        "device": str(device),
        "versions": environment.versions(),
        "host": environment.host(),
    }
    files.write_json(out / "run.json", run)
    clear(out)


def train_seed(
    cell: Cell,
    seed: int,
    settings: Mapping[str, Any],
    data: BlockFile,
    device: torch.device,
    monitor: Callable[[Model], dict[str, float]],
    base: BaseRun | None = None,
    state: StateFile | None = None,
) -> TrainingOutcome:
    """Train ``cell`` with ``settings`` on one seed of ``data``.

    ``monitor``: as in :class:`~ebmbench.training.job.TrainingJob`; ``state``: as in
    :func:`~ebmbench.training.loop.train`. The outcome is skipped if the run of its ``base`` did not end with status ok.
    """
    rows = data.of(seed)
    model = build(cell, settings, rows, seed, device, None if base is None else base.states)
    if base is not None and base.runs[str(seed)]["status"] != "ok":
        return TrainingOutcome(
            model, "skipped", f"its base ended as {base.runs[str(seed)]['status']}", [], CostTracker()
        )
    loss = plugins.load_entry("loss", cell.loss, settings["loss"])
    streams = Streams(
        generator("batches", cell.dataset, seed),
        generator("noise", cell.dataset, cell.loss, seed, device=device.type),
        hashed("validation", cell.dataset, seed),
        generator("matching", cell.dataset, cell.loss, seed, device=device.type),
    )
    splits = (rows.splits.train.to(device), rows.splits.val.to(device))
    method = plugins.load_entry("stats", cell.stats, settings["stats"])
    if state is not None and state.found:
        print(f"seed {seed}: goes on after step {state.found['run']['costs']['step']}", flush=True)
    job = TrainingJob(
        model, loss, splits, _train_settings(settings), streams, monitor, Progress(seed), matching_method=method
    )
    outcome = train(job, state)
    problem = problem_of(outcome.model, rows, data.box, device)
    if outcome.status != "ok" or not isinstance(problem, Problem):
        return outcome
    return match_moments(outcome, method, problem, streams.matching)


def job_key(
    cell: Cell, settings: Mapping[str, Any], data: BlockFile, device: torch.device, code: str, given: TrainingInputs
) -> dict[str, Any]:
    """Return everything that a seed's weights depend on, except the seed."""
    base = None if given.base is None else hashlib.sha256((given.base / "model.safetensors").read_bytes()).hexdigest()
    return {
        "cell": cell._asdict(),
        "settings": settings,
        "data": data.facts["digest"],
        "base": base,
        "device": device.type,
        "code": code,
        "versions": environment.versions(),
    }


def _all_settings(settings: Mapping[str, Any], plugins_used: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings of a run, overrides and defaults."""
    found = {axis: plugins.entry_of(plugin) for axis, plugin in plugins_used.items()}
    found["train"] = plugins.settings_of(_train_settings(settings))
    found["statistics"] = {name: dict(values) for name, values in settings["statistics"].items()}
    return found | ({"base": settings["base"]} if "base" in settings else {})


def _train_settings(settings: Mapping[str, Any]) -> TrainSettings:
    return plugins.construct("train", TrainSettings, settings["train"])


class Progress:
    """Progress of a seed's training on standard error, with the seconds left at the rate of this process."""

    def __init__(self, seed: int) -> None:
        self.seed, self.started = seed, time.perf_counter()
        self.first: int | None = None

    def __call__(self, step: int, steps: int, facts: Mapping[str, float]) -> None:
        """Print a line after every :data:`PER_CENT` per cent of ``steps``, and after the last step."""
        if self.first is None:
            self.first = step
        every = max(1, steps * PER_CENT // 100)
        if step % every == 0 or step == steps:
            left = (time.perf_counter() - self.started) / (step - self.first + 1) * (steps - step)
            values = " ".join(f"{name} {value:.4g}" for name, value in facts.items())
            line = f"seed {self.seed}: {100 * step // steps:3d} % step {step}/{steps} {values} {left:.0f} s left"
            print(line, file=sys.stderr, flush=True)


def _facts(outcome: TrainingOutcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "cpu_seconds": round(outcome.costs.cpu_seconds, 3),
        "checkpoint_seconds": round(outcome.costs.checkpoint_seconds, 3),
        "parameters": sum(p.numel() for p in outcome.model.parameters()),
        "peak_memory_mb": round(environment.peak_memory_mb(), 1),
        "steps": outcome.costs.step,
        "kept_step": outcome.selected_step,
        **outcome.extra_facts,
    } | {name: value for name, value in outcome.costs.facts().items() if name != "step"}
