"""Train the seeds of a job one after the other: model.safetensors, curves.csv, run.json."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench import files, plugins, provenance
from ebmbench.cells import Cell, seeds_of
from ebmbench.columns import CURVES
from ebmbench.device import resolve
from ebmbench.errors import UserError
from ebmbench.families.model import Model
from ebmbench.likelihoods.base import Problem
from ebmbench.seeds import generator, hashed
from ebmbench.stages.monitor import density_monitor
from ebmbench.stages.runs import BaseRun, BlockFile, build, problem_of
from ebmbench.train import Clock, Outcome, Streams, Task, finished, train
from ebmbench.train_settings import TrainSettings
from ebmbench.tuning import merged

#: a line of progress for every so many per cent of a run's steps
PER_CENT = 5


class Given(NamedTuple):
    """Files that a job builds on: settings that a search has ``chosen``, and the folder of the run of its ``base``."""

    chosen: Path | None = None
    base: Path | None = None


NOTHING = Given()


def write(
    cell: Cell,
    block: str,
    settings: Mapping[str, Any],
    data_path: Path,
    device_name: str,
    code: str,
    out: Path,
    given: Given = NOTHING,
) -> None:
    """Train ``cell`` on every seed of ``block`` and write the contract's files into ``out``.

    ``settings`` holds what departs from the defaults, by axis and for ``train``; run.json records all of it, with
    what ``given`` files change in them.
    """
    device, base = resolve(device_name), None
    if given.chosen is not None:
        settings = merged(settings, files.read_json(given.chosen)["settings"])
    if given.base is not None:
        base = BaseRun.of(given.base)
        settings = {**settings, "base": base.family}
    plugins_used = {axis: plugins.load_entry(axis, getattr(cell, axis), settings[axis]) for axis in cell._fields}
    data = BlockFile(data_path, plugins_used["dataset"])
    tensors: dict[str, Tensor] = {}
    curves: list[dict[str, float]] = []
    runs: dict[str, dict[str, Any]] = {}
    for seed in seeds_of(block):
        monitor = density_monitor(data.grid, data.known_rows(seed), device)
        outcome = train_seed(cell, seed, settings, data, device, monitor, base)
        runs[str(seed)] = _facts(outcome)
        curves += [{"seed": seed} | row for row in outcome.curve]
        tensors |= {f"{seed}/{name}": tensor for name, tensor in outcome.model.state_dict().items()}
        print(f"seed {seed}: {outcome.status} {outcome.reason}".rstrip(), flush=True)
    all_settings = {axis: plugins.entry_of(plugin) for axis, plugin in plugins_used.items()}
    all_settings["train"] = plugins.settings_of(_train_settings(settings))
    all_settings["statistics"] = {name: dict(values) for name, values in settings["statistics"].items()}
    all_settings |= {} if base is None else {"base": base.family}
    run = {
        "cell": cell._asdict(),
        "settings": all_settings,
        "runs": runs,
        "provenance": {
            "code_digest": code,
            "data_digest": data.facts["digest"],
            "device": str(device),
            "versions": provenance.versions(),
            "host": provenance.host(),
        },
    }
    files.write_tensors(out / "model.safetensors", tensors)
    files.write_csv(out / "curves.csv", pd.DataFrame(curves).reindex(columns=list(CURVES)))
    files.write_json(out / "run.json", run)


def train_seed(
    cell: Cell,
    seed: int,
    settings: Mapping[str, Any],
    data: BlockFile,
    device: torch.device,
    monitor: Callable[[Model], dict[str, float]],
    base: BaseRun | None = None,
) -> Outcome:
    """Train ``cell`` with ``settings`` on one seed of ``data``; ``monitor`` as in :class:`~ebmbench.train.Task`.

    Where it builds on a ``base`` that did not end well, the outcome is skipped.
    """
    rows = data.of(seed)
    model = build(cell, settings, rows, seed, device, None if base is None else base.states)
    if base is not None and base.runs[str(seed)]["status"] != "ok":
        return Outcome(model, "skipped", f"its base ended as {base.runs[str(seed)]['status']}", [], Clock())
    loss = plugins.load_entry("loss", cell.loss, settings["loss"])
    streams = Streams(
        generator("batches", cell.dataset, seed),
        generator("noise", cell.dataset, cell.loss, seed, device=device.type),
        hashed("validation", cell.dataset, seed),
        generator("matching", cell.dataset, cell.loss, seed, device=device.type),
    )
    splits = (rows.splits.train.to(device), rows.splits.val.to(device))
    arm = plugins.load_entry("stats", cell.stats, settings["stats"])
    outcome = train(Task(model, loss, splits, _train_settings(settings), streams, monitor, _progress(seed), arm))
    problem = problem_of(outcome.model, rows, data.box, device)
    known = outcome.status == "ok" and isinstance(problem, Problem)
    return finished(outcome, arm, problem, streams.matching) if known else outcome


def _train_settings(settings: Mapping[str, Any]) -> TrainSettings:
    try:
        return TrainSettings(**settings["train"])
    except ValueError as error:
        raise UserError(f"train: {error}") from error


def _progress(seed: int) -> Callable[[int, int, dict[str, float]], None]:
    started = time.perf_counter()

    def report(step: int, steps: int, facts: dict[str, float]) -> None:
        every = max(1, steps * PER_CENT // 100)
        if step % every == 0 or step == steps:
            left = (time.perf_counter() - started) / step * (steps - step)
            values = " ".join(f"{name} {value:.4g}" for name, value in facts.items())
            line = f"seed {seed}: {100 * step // steps:3d} % step {step}/{steps} {values} {left:.0f} s left"
            print(line, file=sys.stderr, flush=True)

    return report


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "cpu_seconds": round(outcome.clock.cpu_seconds, 3),
        "parameters": sum(p.numel() for p in outcome.model.parameters()),
        "peak_memory_mb": round(provenance.peak_memory_mb(), 1),
        "steps": outcome.clock.step,
        "kept_step": outcome.kept_step,
        **outcome.told,
    } | {name: value for name, value in outcome.clock.facts().items() if name != "step"}
