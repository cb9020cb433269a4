"""Train the seeds of a job one after the other: model.safetensors, curves.csv, run.json."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from ebmbench import files, plugins, provenance
from ebmbench.cells import Cell, seeds_of
from ebmbench.columns import CURVES
from ebmbench.device import resolve
from ebmbench.families.blocks import log_density_in_blocks
from ebmbench.families.model import Density, Model
from ebmbench.seeds import generator, hashed
from ebmbench.stages.runs import BlockFile, build
from ebmbench.train import Outcome, Streams, Task, TrainSettings, train

#: a line of progress for every so many per cent of a run's steps
PER_CENT = 5


def write(
    cell: Cell,
    block: str,
    settings: Mapping[str, Any],
    data_path: Path,
    device_name: str,
    code: str,
    out: Path,
) -> None:
    """Train ``cell`` on every seed of ``block`` and write the contract's files into ``out``.

    ``settings`` holds what departs from the defaults, by axis and for ``train``; run.json records all of it.
    """
    device = resolve(device_name)
    plugins_used = {axis: plugins.load_entry(axis, getattr(cell, axis), settings[axis]) for axis in cell._fields}
    train_settings = TrainSettings(**settings["train"])
    data = BlockFile(data_path, plugins_used["dataset"])
    tensors: dict[str, Tensor] = {}
    curves: list[dict[str, float]] = []
    runs: dict[str, dict[str, Any]] = {}
    for seed in seeds_of(block):
        outcome = _train_one(cell, seed, settings, plugins_used["loss"], train_settings, data, device)
        runs[str(seed)] = _facts(outcome)
        curves += [{"seed": seed} | row for row in outcome.curve]
        tensors |= {f"{seed}/{name}": tensor for name, tensor in outcome.model.state_dict().items()}
        print(f"seed {seed}: {outcome.status} {outcome.reason}".rstrip(), flush=True)
    all_settings = {axis: plugins.entry_of(plugin) for axis, plugin in plugins_used.items()}
    all_settings["train"] = plugins.settings_of(train_settings)
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


def _train_one(
    cell: Cell,
    seed: int,
    settings: Mapping[str, Any],
    loss: Any,
    train_settings: TrainSettings,
    data: BlockFile,
    device: torch.device,
) -> Outcome:
    rows = data.of(seed)
    model = build(cell, settings, rows, seed, device)
    streams = Streams(
        generator("batches", cell.dataset, seed),
        generator("noise", cell.dataset, cell.loss, seed, device=device.type),
        hashed("validation", cell.dataset, seed),
    )
    splits = (rows.splits.train.to(device), rows.splits.val.to(device))
    monitor, report = kl_monitor(data.grid, device), _progress(seed)
    return train(Task(model, loss, splits, train_settings, streams, monitor, report))


def kl_monitor(grid: Mapping[str, Tensor], device: torch.device) -> Callable[[Model], dict[str, float]]:
    """A function model -> {"kl": exact KL(data || model) in nats}, on every third midpoint of the grid.

    {} where there is no grid. The model is normalised on the grid's own box.
    """
    if not grid:
        return lambda model: {}
    n = round(len(grid["points"]) ** 0.5)
    points = grid["points"].reshape(n, n, 2)[1::3, 1::3].reshape(-1, 2).to(device)
    truth = grid["log_prob"].reshape(n, n)[1::3, 1::3].flatten().to(device)
    log_p = truth - truth.logsumexp(0)
    p = log_p.exp()

    def monitor(model: Model) -> dict[str, float]:
        if not isinstance(model, Density):
            return {}
        values = log_density_in_blocks(model, points)
        log_q = values - values.logsumexp(0)
        return {"kl": float(torch.where(p > 0, p * (log_p - log_q), 0.0).sum())}

    return monitor


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
    } | {name: value for name, value in outcome.clock.facts().items() if name != "step"}
