"""Stage that samples and normalises a job's models: samples.safetensors, log_prob.safetensors, sampling.json."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.device import resolve
from ebmbench.core.seeds import generator
from ebmbench.evaluation.contract import RECONSTRUCTION
from ebmbench.inference.denoising import moved
from ebmbench.inference.likelihoods.interface import LogZ, Normalisation
from ebmbench.inference.sampling import Generated, Methods, Sampled, SampleSettings, sample
from ebmbench.models.blocks import in_blocks, log_density_in_blocks, score_in_blocks
from ebmbench.models.distributions.decoder import LatentVariableModel, Reconstructing
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Density, Generator, Model
from ebmbench.planning.tuning import merged
from ebmbench.workflow.stages.inferred_latents import KEPT, inferred
from ebmbench.workflow.stages.trained_runs import BlockFile, TrainedJob, problem_of

#: likelihood entry of a model whose base measure is a generator without an inverse
NO_DENSITY = {"status": "skipped", "reason": "an implicit base measure has no density", "method": "none"}


#: number of test examples that one step of a kernel moves, and of the noisy copies that each can move to
MOVED, COPIES = 1000, 32


class Plan(NamedTuple):
    """Sampling settings of a job: number of samples, sampler, and log Z estimators."""

    settings: SampleSettings
    methods: Methods

    @classmethod
    def of(cls, content: Mapping[str, Any], chosen: Path | None = None) -> Plan:
        """Make a plan from ``{"sample": {...}, "sampler": {name: {...}}, "likelihood": {name: {...}, ...}}``.

        ``chosen``: the file with the changes that a search has chosen.
        """
        if chosen is not None:
            content = merged(content, files.read_json(chosen)["settings"])
        settings = plugins.construct("sample", SampleSettings, content["sample"])
        (sampler,) = (plugins.load("sampler", name, **values) for name, values in content["sampler"].items())
        ways = [plugins.load("likelihood", name, **values) for name, values in content["likelihood"].items()]
        return cls(settings, Methods(sampler, ways))

    def record(self) -> dict[str, Any]:
        """Return all settings, including defaults."""
        sampler, ways = self.methods
        return {
            "sample": dataclasses.asdict(self.settings),
            "sampler": {plugins.name_of(sampler): plugins.settings_of(sampler)},
            "likelihood": {plugins.name_of(way): plugins.settings_of(way) for way in ways},
        }


def write_samples(run_dir: Path, plan: Plan, data_path: Path, device_name: str) -> None:
    """Sample from and normalise every model in ``run_dir`` whose training ended with status ok."""
    device = resolve(device_name)
    job = TrainedJob.of(run_dir, data_path)
    cell, data = job.cell, job.data
    samples: dict[str, Tensor] = {}
    log_probs: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for seed, result in job.runs.items():
        model = job.model(int(seed), device)
        if result["status"] != "ok":
            facts[seed] = _without_a_model(result, model)
            continue
        started = time.perf_counter()
        stream = generator("sampler", cell.dataset, int(seed), device=device.type)
        problem = problem_of(model, data.of(int(seed)), data.box, device)
        found = sample(problem, plan.methods, plan.settings, stream)
        samples |= _draws(found, seed)
        base = _of_base(model, plan.settings.samples, cell, int(seed), device)
        samples |= {} if base is None else {f"{seed}/base": base.float()}
        samples |= _moved(model, data.of(int(seed)).splits.test.to(device), plan.settings.noise, int(seed), cell)
        test = data.of(int(seed)).splits.test if data.leaves_out(int(seed)) else data.of(int(seed)).splits.test[:KEPT]
        latent = generator("sampler", cell.dataset, "inferred", int(seed), device=device.type)
        decoded, reported = inferred(model, test.to(device), latent)
        samples |= {f"{seed}/{name}": tensor for name, tensor in decoded.items()}
        log_probs |= _scores(model, data.of(int(seed)).splits.test.to(device), int(seed))
        if found.model.log_z.status == "ok":
            log_probs |= _log_probs(model, found.model.log_z, data, int(seed), device)
            log_probs |= _at_draws(model, found.model.samples, data, int(seed))
        facts[seed] = _described(model, found, time.perf_counter() - started) | _described_base(base) | reported
    files.write_tensors(run_dir / "samples.safetensors", samples)
    files.write_tensors(run_dir / "log_prob.safetensors", log_probs)
    files.write_json(run_dir / "sampling.json", {"settings": plan.record(), "runs": facts})


def _moved(model: Model, test: Tensor, noise: float, seed: int, cell: Cell) -> dict[str, Tensor]:
    """Return test examples after one step of a kernel that leaves the model's distribution invariant."""
    if not isinstance(model, Density):
        return {}
    stream = generator("sampler", cell.dataset, "moved", seed, device=test.device.type)
    return {f"{seed}/moved": moved(model, test[:MOVED], noise**2, COPIES, stream).float()}


def _scores(model: Model, test: Tensor, seed: int) -> dict[str, Tensor]:
    if not isinstance(model, Density) or not model.differentiable:
        return {}
    return {f"{seed}/test_score": score_in_blocks(model, test).float()}


def _draws(found: Sampled, seed: str) -> dict[str, Tensor]:
    draws = {f"{seed}/samples": found.generated.samples.float()}
    if found.generated.kind != "exact":
        draws[f"{seed}/model"] = found.model.samples.float()
    return draws


def _of_base(model: Model, n: int, cell: Cell, seed: int, device: torch.device) -> Tensor | None:
    """Return ``(n, D)`` samples from the trained base measure alone, or None if the model has none."""
    if not isinstance(model, Generalized) or not isinstance(model.base, Generator):
        return None
    return model.base.sample(n, generator("sampler", cell.dataset, "base", seed, device=device.type))


def _described_base(base: Tensor | None) -> dict[str, Any]:
    if base is None:
        return {}
    sound = bool(base.isfinite().all())
    outcome = {"status": "ok" if sound else "failed", "reason": "" if sound else "some draws are not finite"}
    return {"base": outcome | {"sampler": "exact", "n_eff": len(base)}}


def _log_probs(model: Model, log_z: LogZ, data: BlockFile, seed: int, device: torch.device) -> dict[str, Tensor]:
    splits, values = data.of(seed).splits, {}
    if isinstance(model, Density):
        points = {"train": splits.train, "val": splits.val, "test": splits.test}
        if data.grid:
            points["grid"] = data.grid["points"]
        values = {f"{seed}/{name}": log_density_in_blocks(model, x.to(device)).float() for name, x in points.items()}
    if isinstance(model, Generalized) and not isinstance(model, LatentVariableModel):
        values[f"{seed}/relative"] = in_blocks(model.log_weight, splits.test.to(device)).float()
    if not values:
        return {}
    values[f"{seed}/log_z"] = torch.tensor(log_z.value, dtype=torch.float64)
    values[f"{seed}/log_z_stderr"] = torch.tensor(log_z.stderr, dtype=torch.float64)
    return values


def _at_draws(model: Model, draws: Tensor, data: BlockFile, seed: int) -> dict[str, Tensor]:
    """Return the log-densities of the model and of the data at the model's samples, ``(2, n)``.

    Only where the data's density is known beyond a grid and the model has a density.
    """
    if data.density is None or not isinstance(model, Density):
        return {}
    both = [log_density_in_blocks(model, draws), data.density.log_prob(draws.cpu())]
    return {f"{seed}/model": torch.stack([of.cpu() for of in both]).double()}


def _without_a_model(result: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Return the sampling entry of a failed training run that left ``model``."""
    outcome = {"status": result["status"], "reason": result["reason"]}
    return {
        **({RECONSTRUCTION: outcome} if isinstance(model, Reconstructing) else {}),
        "likelihood": outcome | {"method": "none"},
        "samples": outcome | {"sampler": "none", "kind": "exact", "beta": 1.0, "n_eff": 0, "mark": ""},
        "seconds": 0.0,
        "energy_evaluations": 0,
        "gradient_evaluations": 0,
    }


def _described(model: Model, found: Sampled, seconds: float) -> dict[str, Any]:
    log_z, cost = found.model.log_z, found.model.cost.plus(found.generated.cost)
    status = {"status": log_z.status, "reason": log_z.reason, "method": log_z.method}
    normalised = status | files.finite(log_z.diagnostics)
    parts = {"likelihood": normalised, "samples": _of_sampler(found.generated)}
    if isinstance(model, Generalized):
        if not isinstance(model, LatentVariableModel):
            parts["relative"] = normalised
        if not isinstance(model, Density):
            parts["likelihood"] = NO_DENSITY
    if found.generated.kind != "exact":
        parts["model"] = _of_model(found.model)
    return parts | {"seconds": round(seconds, 3), **cost._asdict()}


def _of_model(model: Normalisation) -> dict[str, Any]:
    """Describe samples from the model itself, which need log Z, since both come from the same cells or particles."""
    usable = model.log_z.status == "ok" and bool(torch.isfinite(model.samples).all())
    return {
        "status": "ok" if usable else "failed",
        "reason": ""
        if usable
        else f"no samples from the model's distribution: {model.log_z.reason or 'some are not finite'}",
        "sampler": model.sampler,
        "n_eff": model.n_eff if usable else 0,
    }


def _of_sampler(generated: Generated) -> dict[str, Any]:
    diagnostics = {} if generated.diagnostics is None else generated.diagnostics._asdict()
    return {
        "status": "failed" if generated.reason else "ok",
        "reason": generated.reason,
        "sampler": generated.sampler,
        "kind": generated.kind,
        "beta": generated.beta,
        "n_eff": 0 if generated.reason else generated.n_eff,
        "mark": generated.mark,
        **({"steps": generated.steps} if generated.steps else {}),
        **files.finite({"step_size": generated.step_size, **diagnostics}),
    }
