"""Annealed importance sampling from the base measure, with Metropolis-adjusted Langevin moves."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.families.tilted import Tilted
from ebmbench.likelihoods.base import Cost, LogZ, Normalisation
from ebmbench.samplers.base import LogDensity
from ebmbench.samplers.mala import MALA

#: least effective share of the weighted particles for which log Z is believed
LEAST_ESS_FRACTION = 0.01

#: acceptance that is optimal for MALA in high dimension (Roberts & Rosenthal 1998)
TARGET_ACCEPTANCE = 0.574


class Schedule(NamedTuple):
    """``populations`` independent runs of ``particles`` each over ``temperatures`` steps from base to model."""

    populations: int
    particles: int
    temperatures: int
    moves: int
    refresh: int


class _Population(NamedTuple):
    x: Tensor
    log_weights: Tensor
    step_sizes: list[float]


def normalise(model: Tilted, schedule: Schedule, draws: int, generator: torch.Generator) -> Normalisation:
    """log Z = log E[w] and draws of the model, by annealed importance sampling (Neal 2001).

    The path is b(x)^(1-s) p~(x)^s, s from 0 to 1 with s = (k/K)^2 (small steps where the base still is
    the law), ``moves`` MALA moves at each s. Step sizes are found on a pilot population and then stand still,
    so that each population's mean weight is unbiased for Z. The standard error is that of the mean over
    populations, by the delta method. Draws: particles resampled by weight, then ``refresh`` MALA moves at
    s = 1. Status failed where the weights' effective share is below 1 %.
    """
    pilot = _anneal(model, schedule, None, generator)
    runs = [_anneal(model, schedule, pilot.step_sizes, generator) for _ in range(schedule.populations)]
    log_weights = torch.stack([run.log_weights for run in runs])
    log_z = _estimate(log_weights)
    pooled = torch.cat([run.x for run in runs])
    share = log_z.diagnostics.get("ess_fraction", 0.0)
    chosen = _resample(pooled, log_weights.flatten(), draws, generator)
    samples = _refresh(model, chosen, pilot.step_sizes[-1], schedule.refresh, generator)
    steps = (schedule.populations + 1) * schedule.particles * schedule.temperatures * (schedule.moves + 1)
    evaluations = steps + draws * (schedule.refresh + 1)
    sampler = f"AIS resampling + {schedule.refresh} MALA steps"
    n_eff = min(share * log_weights.numel(), len(samples))
    return Normalisation(log_z, samples, sampler, n_eff, Cost(evaluations, evaluations))


def _path(model: Tilted, s: float) -> LogDensity:
    def log_density(x: Tensor) -> Tensor:
        return (1 - s) * model.base.log_density(x) + s * model.log_density(x)

    return log_density


def _anneal(
    model: Tilted, schedule: Schedule, step_sizes: list[float] | None, generator: torch.Generator
) -> _Population:
    """One population. Without step sizes it is a pilot that finds them, from 1 downwards or upwards."""
    x = model.base.sample(schedule.particles, generator)
    log_weights = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    levels = [(k / schedule.temperatures) ** 2 for k in range(schedule.temperatures + 1)]
    found: list[float] = []
    size = 2.0 * float(model.base.cholesky.diagonal().square().min()) * model.dim ** (-1 / 3)
    for index, (before, level) in enumerate(pairwise(levels)):
        with torch.no_grad():
            gain = model.log_density(x) - model.base.log_density(x)
        log_weights += (level - before) * gain.double()
        size = step_sizes[index] if step_sizes else size
        found.append(size)
        x, acceptance = _move(_path(model, level), x, size, schedule.moves, generator)
        if step_sizes is None:
            size *= math.exp(acceptance - TARGET_ACCEPTANCE)
    return _Population(x, log_weights, found)


def _move(
    log_density: LogDensity, x: Tensor, size: float, moves: int, generator: torch.Generator
) -> tuple[Tensor, float]:
    sampler = MALA(log_density, size)
    state, acceptance = sampler.start(x), 0.0
    for _ in range(moves):
        state, info = sampler.step(state, generator)
        acceptance += float(info.acceptance.mean()) / moves
    return state.x, acceptance


def _estimate(log_weights: Tensor) -> LogZ:
    """From ``(populations, particles)`` log-weights."""
    if not torch.isfinite(log_weights.logsumexp((0, 1))):
        return LogZ(math.nan, math.nan, "AIS", "failed", "the annealed weights are not finite")
    means = log_weights.logsumexp(1) - math.log(log_weights.shape[1])
    value = float(means.logsumexp(0)) - math.log(len(means))
    relative = (means - value).exp()
    stderr = float(relative.std()) / math.sqrt(len(means))
    shares = (log_weights - log_weights.max()).exp().flatten()
    ess = float(shares.sum() ** 2 / shares.square().sum() / len(shares))
    diagnostics = {"ess_fraction": ess}
    if ess < LEAST_ESS_FRACTION:
        reason = f"effective share of the annealed weights is {ess:.2%}, below {LEAST_ESS_FRACTION:.0%}"
        return LogZ(value, stderr, "AIS", "failed", reason, diagnostics)
    return LogZ(value, stderr, "AIS", diagnostics=diagnostics)


def _resample(x: Tensor, log_weights: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Systematic resampling: one uniform number, n equally spaced marks on the cumulated weights."""
    if not torch.isfinite(log_weights.logsumexp(0)):
        return x[:0]
    mass = log_weights.softmax(0).cumsum(0)
    marks = (torch.arange(n, device=x.device) + torch.rand((), generator=generator, device=x.device)) / n
    return x[torch.searchsorted(mass, marks.double()).clamp(max=len(x) - 1)]


def _refresh(model: Tilted, x: Tensor, size: float, moves: int, generator: torch.Generator) -> Tensor:
    blocks = [_move(model.log_density, rows, size, moves, generator)[0] for rows in x.split(2048)]
    return torch.cat(blocks) if blocks else x
