"""Stage that tilts finished models to the training means of statistics: model.safetensors, curves.csv, run.json."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.columns import CURVES
from ebmbench.core.device import resolve
from ebmbench.core.errors import UserError
from ebmbench.core.seeds import generator
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.moment_matching.posthoc import PostHoc
from ebmbench.training.moment_solver import solve_moments_of_rows
from ebmbench.workflow.stages.trained_runs import TrainedJob, build

#: names or prefixes of the tensors of a model that define its tilt
TILT = ("eta", "centre", "scale", "statistic.")


class Tilting(NamedTuple):
    """A tilting job: the tilted ``cell``, its ``settings``, and ``code``, the digest of this stage's code."""

    cell: Cell
    settings: Mapping[str, Any]
    code: str


def write_tilted_runs(asked: Tilting, run_dir: Path, data_path: Path, device_name: str, out: Path) -> None:
    """Tilt every model of the job in ``run_dir`` whose training ended with status ok; write the contract's files.

    ``asked.settings``: ``stats``, ``statistics`` and ``likelihood`` of the tilted cell. A run's cost is the sum of
    the trained run's and the tilt's.
    """
    job, device = TrainedJob.of(run_dir, data_path), resolve(device_name)
    arm = plugins.load_entry("stats", asked.cell.stats, asked.settings["stats"])
    parts = {name: dict(values) for name, values in asked.settings["statistics"].items()}
    settings = {**job.settings, "stats": plugins.entry_of(arm), "statistics": parts}
    tensors: dict[str, Tensor] = {}
    runs: dict[str, dict[str, Any]] = {}
    for seed, trained in job.runs.items():
        started = time.perf_counter(), time.process_time()
        model = untilted(asked.cell, settings, job, int(seed), device)
        found = None
        if trained["status"] == "ok":
            found = _solved(model, arm, asked, job, int(seed), device)
        spent = time.perf_counter() - started[0], time.process_time() - started[1]
        runs[seed] = _facts(trained, found, spent)
        tensors |= {f"{seed}/{name}": tensor for name, tensor in model.state_dict().items()}
        reported = runs[seed]["reason"] if found is None else f"{found.line()} {found.reason}"
        print(f"seed {seed}: {runs[seed]['status']} {reported}".rstrip(), flush=True)
    run = files.read_json(run_dir / "run.json")
    provenance = run["provenance"] | {"code_digest": asked.code, "tilted": run["provenance"]["code_digest"]}
    content = {"cell": asked.cell._asdict(), "settings": settings, "runs": runs, "provenance": provenance}
    files.write_tensors(out / "model.safetensors", tensors)
    files.write_csv(out / "curves.csv", pd.DataFrame(columns=list(CURVES)))
    files.write_json(out / "run.json", content)


def untilted(cell: Cell, settings: Mapping[str, Any], job: TrainedJob, seed: int, device: torch.device) -> Generalized:
    """Return the finished model of ``job`` with the statistics of ``settings`` and eta = 0, in evaluation mode.

    Raises :class:`UserError` for a model that has neither a density nor a base measure.
    """
    model = build(cell, settings, job.data.of(seed), seed, device)
    if not isinstance(model, Generalized):
        raise UserError(f"family {cell.family} has no density to tilt: exclude it with stats: {cell.stats}")
    trained = files.under(job.states, seed)
    own = {name: tensor for name, tensor in trained.items() if not name.startswith(TILT)}
    if model.network is None and not any(name.startswith("base.") for name in trained):
        model.base.load_state_dict(trained)
    else:
        model.load_state_dict(copy.copy(model.state_dict()) | own)
    return model.eval().requires_grad_(False)


def _solved(
    model: Generalized, arm: PostHoc, asked: Tilting, job: TrainedJob, seed: int, device: torch.device
) -> TiltResult:
    problem = Problem(model, job.data.of(seed).splits.train.to(device), job.data.box)
    ways = [plugins.load("likelihood", name, **values) for name, values in asked.settings["likelihood"].items()]
    stream = generator("tilt", asked.cell.dataset, asked.cell.stats, seed, device=device.type)
    return solve_moments_of_rows(problem, ways, arm, stream)


def _facts(trained: Mapping[str, Any], found: TiltResult | None, spent: tuple[float, float]) -> dict[str, Any]:
    """Return the trained run's entry with the cost, status and metrics of the tilt."""
    if found is None:
        return dict(trained)
    cost = {
        "seconds": round(trained["seconds"] + spent[0], 3),
        "cpu_seconds": round(trained["cpu_seconds"] + spent[1], 3),
        "energy_evaluations": trained["energy_evaluations"] + found.cost.energy_evaluations,
        "gradient_evaluations": trained["gradient_evaluations"] + found.cost.gradient_evaluations,
    }
    return {**trained, **cost, "status": found.status, "reason": found.reason, **found.facts()}
