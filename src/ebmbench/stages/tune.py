"""The search for a cell's settings: trials.csv and chosen.json."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ebmbench import files, plugins
from ebmbench.cells import Cell
from ebmbench.device import resolve
from ebmbench.families.blocks import log_density_in_blocks
from ebmbench.likelihoods.base import LogZ
from ebmbench.metrics.likelihood import nll
from ebmbench.sampling import SampleSettings, normalise
from ebmbench.seeds import generator, hashed
from ebmbench.stages.runs import BlockFile, problem_of
from ebmbench.stages.train import train_seed
from ebmbench.train import Outcome
from ebmbench.tuning import TRIALS, choose, merged, trials

#: draws that come with a likelihood and are not used here
DRAWS = SampleSettings(samples=1000, bounds=0)


def write(cell: Cell, settings: Mapping[str, Any], data_path: Path, device_name: str, out: Path) -> None:
    """Train ``cell`` with each trial's settings on one seed, and write ``trials.csv`` and ``chosen.json`` into ``out``.

    ``settings``: the cell's, by axis, ``train`` and ``likelihood``, and ``tuning`` with ``space``, ``trials`` and
    ``seed``. Trials share the seed's rows, batches and initialisation. The criterion is the mean negative
    log-likelihood of the seed's validation rows, log Z by the cell's likelihood: nothing that real data would not
    have. A trial that diverged, or whose log Z failed, is never chosen.
    """
    device, tuning = resolve(device_name), settings["tuning"]
    data = BlockFile(data_path, plugins.load_entry("dataset", cell.dataset, settings["dataset"]))
    tried = trials(tuning["space"], tuning["trials"], hashed("tuning", *cell))
    rows = []
    for number, changes in enumerate(tried):
        row = _tried(cell, merged(settings, changes), tuning["seed"], data, device)
        rows.append({"trial": number, "settings": json.dumps(changes, sort_keys=True)} | row)
        print(f"trial {number}: {row['status']} {row['val_nll']} {changes}", flush=True)
    choice = choose(tried, [row["val_nll"] for row in rows])
    table = pd.DataFrame(rows).reindex(columns=list(TRIALS))
    table["chosen"] = table["trial"] == choice.trial
    files.write_csv(out / "trials.csv", table)
    files.write_json(out / "chosen.json", choice._asdict())


def _tried(cell: Cell, settings: Mapping[str, Any], seed: int, data: BlockFile, device: torch.device) -> dict[str, Any]:
    """A trial's row, without its number and settings."""
    outcome = train_seed(cell, seed, settings, data, device, lambda model: {})
    cost = {name: outcome.clock.facts()[name] for name in ("seconds", "energy_evaluations", "gradient_evaluations")}
    row = {"status": outcome.status, "reason": outcome.reason, "steps": outcome.clock.step, **cost}
    if outcome.status != "ok":
        return row | {"val_nll": math.nan}
    started = time.perf_counter()
    log_z = _log_z(cell, settings, outcome, seed, data, device)
    if log_z.status != "ok":
        return row | {"status": "failed", "reason": f"likelihood: {log_z.reason}", "val_nll": math.nan}
    model, val = outcome.model, data.of(seed).splits.val.to(device)
    estimate = nll(log_density_in_blocks(model, val) - log_z.value, log_z.stderr)
    print(f"log Z by {log_z.method} in {time.perf_counter() - started:.1f} s", flush=True)
    return row | {"val_nll": estimate.value, "stderr": estimate.stderr, "log_z_stderr": log_z.stderr}


def _log_z(
    cell: Cell, settings: Mapping[str, Any], outcome: Outcome, seed: int, data: BlockFile, device: torch.device
) -> LogZ:
    ways = [plugins.load("likelihood", name, **values) for name, values in settings["likelihood"].items()]
    model = outcome.model.eval().requires_grad_(False)
    stream = generator("tuning", cell.dataset, seed, device=device.type)
    return normalise(problem_of(model, data.of(seed), data.box, device), ways, DRAWS, stream).log_z
