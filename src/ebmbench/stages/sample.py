"""Samples and log-densities of a job's models: samples.safetensors, log_prob.safetensors, sampling.json."""

from __future__ import annotations

import dataclasses
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ebmbench import files, plugins
from ebmbench.cells import Cell
from ebmbench.device import resolve
from ebmbench.families.model import Density, Model
from ebmbench.likelihoods.base import LogZ, Normalisation
from ebmbench.likelihoods.quadrature import log_density_in_blocks
from ebmbench.sampling import SampleSettings, normalise
from ebmbench.seeds import generator
from ebmbench.stages.runs import BlockFile, build


def write(run_dir: Path, settings: SampleSettings, data_path: Path, device_name: str) -> None:
    """Draw from, and normalise, every model in ``run_dir`` whose training ended well."""
    device = resolve(device_name)
    run = files.read_json(run_dir / "run.json")
    cell = Cell(**run["cell"])
    data = BlockFile(data_path, plugins.load("dataset", cell.dataset, **run["settings"]["dataset"]))
    states = files.read_tensors(run_dir / "model.safetensors")
    samples: dict[str, Tensor] = {}
    log_probs: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for seed, result in run["runs"].items():
        if result["status"] != "ok":
            outcome = {"status": result["status"], "reason": result["reason"]}
            facts[seed] = _facts(outcome | {"method": "none"}, outcome | {"sampler": "none", "n_eff": 0}, 0.0, 0, 0)
            continue
        started = time.perf_counter()
        rows = data.of(int(seed))
        model = build(cell, run["settings"], rows, int(seed), device)
        model.load_state_dict(files.under(states, seed))
        stream = generator("sampler", cell.dataset, int(seed), device=device.type)
        result = normalise(model.eval().requires_grad_(False), data.box, settings, stream)
        samples[f"{seed}/samples"] = result.samples.float()
        if result.log_z.status == "ok":
            log_probs |= _log_probs(model, result.log_z, data, int(seed), device)
        facts[seed] = _described(result, time.perf_counter() - started)
    files.write_tensors(run_dir / "samples.safetensors", samples)
    files.write_tensors(run_dir / "log_prob.safetensors", log_probs)
    record = {"settings": dataclasses.asdict(settings), "runs": facts}
    files.write_json(run_dir / "sampling.json", record)


def _log_probs(model: Model, log_z: LogZ, data: BlockFile, seed: int, device: torch.device) -> dict[str, Tensor]:
    if not isinstance(model, Density):
        return {}
    splits = data.of(seed).splits
    points = {"train": splits.train, "val": splits.val, "test": splits.test}
    if data.grid:
        points["grid"] = data.grid["points"]
    values = {f"{seed}/{name}": log_density_in_blocks(model, x.to(device)).float() for name, x in points.items()}
    values[f"{seed}/log_z"] = torch.tensor(log_z.value, dtype=torch.float64)
    values[f"{seed}/log_z_stderr"] = torch.tensor(log_z.stderr, dtype=torch.float64)
    return values


def _described(result: Normalisation, seconds: float) -> dict[str, Any]:
    log_z, n_eff = result.log_z, result.n_eff
    likelihood = {"status": log_z.status, "reason": log_z.reason, "method": log_z.method}
    likelihood |= {name: value for name, value in log_z.diagnostics.items() if math.isfinite(value)}
    usable = len(result.samples) > 0 and bool(torch.isfinite(result.samples).all())
    samples = {
        "status": "ok" if usable else "failed",
        "reason": "" if usable else f"no finite draws: {log_z.reason}",
        "sampler": result.sampler,
        "n_eff": n_eff if usable else 0,
    }
    return _facts(likelihood, samples, seconds, *result.cost)


def _facts(
    likelihood: dict[str, Any], samples: dict[str, Any], seconds: float, energies: int, gradients: int
) -> dict[str, Any]:
    return {
        "likelihood": likelihood,
        "samples": samples,
        "seconds": round(seconds, 3),
        "energy_evaluations": energies,
        "gradient_evaluations": gradients,
    }
