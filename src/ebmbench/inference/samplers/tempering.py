"""Annealing of weighted particles from the base measure to the model: shared implementation of AIS and SMC."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.samplers.adaptation import adapt_step_size
from ebmbench.inference.samplers.interface import Adaptable, Sampler
from ebmbench.inference.samplers.target import BLOCK, Point, Target, evaluate

#: conditional effective sample size of each pilot step, as a fraction of the particles
PILOT_SHARE = 0.9

#: kernel steps of the pilot at its first level, which adapt the initial step size, and at each later level
FIRST_MOVES, PILOT_MOVES = 40, 5

#: smallest step of the pilot in beta
LEAST_STEP = 1e-6


class Schedule(NamedTuple):
    """Annealing levels 0 = beta_0 < ... < beta_K = 1, the kernel of each level but the first, and the pilot's cost."""

    betas: list[float]
    kernels: Sequence[Sampler]
    cost: Cost


class Swarm(NamedTuple):
    """P populations of N particles at the end of a sweep.

    ``x: (P, N, D)``; ``log_weights: (P, N)``, accumulated since the last resampling; ``log_z: (P,)``, each population's
    estimate of log Z; ``eves: (P, N)``, index of each particle's ancestor among the initial particles of its
    population; ``resamplings: (P,)``, their number; ``cost``.
    """

    x: Tensor
    log_weights: Tensor
    log_z: Tensor
    eves: Tensor
    resamplings: Tensor
    cost: Cost

    @property
    def variance(self) -> Tensor:
        """Estimates ``(P,)`` of Var(Z_p) / Z^2 within each population   (Lee & Whiteley 2018, eq. 2.5).

        1 - (N / (N - 1))^(r + 1) (1 - sum_e W_e^2) with W_e the weight of e's descendants and r resamplings;
        for r = 0 it is the relative variance of a mean of N weights.
        """
        weights = self.log_weights.softmax(1)
        families = torch.zeros_like(weights).scatter_add_(1, self.eves, weights)
        n = weights.shape[1]
        factor = (n / (n - 1)) ** (self.resamplings + 1)
        return (1 - factor * (1 - families.square().sum(1))).clamp(min=0)


def plan(target: Target, kernel: Adaptable, particles: int, temperatures: int, generator: torch.Generator) -> Schedule:
    """Choose annealing levels and step sizes with a pilot population of ``particles``.

    The pilot runs sequential Monte Carlo whose levels are chosen adaptively so that each step's
    conditional effective sample size is .9 of the particles (Zhou, Johansen & Aston 2016). The length of a step is
    the coefficient of variation of its weights; the K = ``temperatures`` levels returned divide the path into
    steps of equal length, and step sizes are interpolated. Raises FloatingPointError if weights are not finite.
    """
    point = evaluate(target, target.measure().sample(particles, generator))
    betas, lengths = [0.0], [0.0]
    sizes: list[float] = []
    moves = 0
    while betas[-1] < 1:
        beta, length = _next(point.log_weight, betas[-1])
        log_weights = (beta - betas[-1]) * point.log_weight.double()
        point = _rows(point, _systematic(log_weights[None], generator)[0])
        steps = PILOT_MOVES if sizes else FIRST_MOVES
        kernel, point = adapt_step_size(kernel, target, point, steps, generator, beta)
        moves += steps
        betas, lengths, sizes = [*betas, beta], [*lengths, lengths[-1] + length], [*sizes, math.log(kernel.step_size)]
    marks = np.linspace(0, lengths[-1], temperatures + 1)
    levels = [0.0, *np.interp(marks[1:-1], lengths, betas).tolist(), 1.0]
    found = np.exp(np.interp(levels[1:], betas[1:], sizes)).tolist()
    kernels = [dataclasses.replace(kernel, step_size=size) for size in found]
    spent = kernel.cost.times(moves * particles).plus(Cost(particles, particles))
    return Schedule(levels, kernels, spent)


def forward(
    target: Target, schedule: Schedule, shape: tuple[int, int], moves: int, resample: float, generator: torch.Generator
) -> Swarm:
    """Anneal ``shape`` = (P, N) particles from the base to the model, with ``moves`` kernel steps at each level.

    A population is resampled when its effective sample size falls below the fraction ``resample`` of its particles
    (Del Moral, Doucet & Jasra 2006; 0: never, which is annealed importance sampling, Neal 2001). Each population's mean
    weight is unbiased for Z. Resampling is multinomial, because with systematic resampling the genealogical variance
    estimate is far too low. Populations run in parallel as long as they fit into a block.
    """
    together = max(1, BLOCK // shape[1])
    sizes = [min(together, shape[0] - start) for start in range(0, shape[0], together)]
    swarms = [_forward(target, schedule, (size, shape[1]), moves, resample, generator) for size in sizes]
    return Swarm(
        torch.cat([swarm.x for swarm in swarms]),
        torch.cat([swarm.log_weights for swarm in swarms]),
        torch.cat([swarm.log_z for swarm in swarms]),
        torch.cat([swarm.eves for swarm in swarms]),
        torch.cat([swarm.resamplings for swarm in swarms]),
        functools.reduce(Cost.plus, [swarm.cost for swarm in swarms]),
    )


def _forward(
    target: Target, schedule: Schedule, shape: tuple[int, int], moves: int, resample: float, generator: torch.Generator
) -> Swarm:
    populations, particles = shape
    point = evaluate(target, target.measure().sample(populations * particles, generator))
    log_weights = torch.zeros(shape, dtype=torch.float64, device=point.x.device)
    log_z, resamplings = torch.zeros_like(log_weights[:, 0]), torch.zeros_like(log_weights[:, 0])
    eves = torch.arange(particles, device=point.x.device).expand(shape).clone()
    last = len(schedule.kernels)
    for level, ((before, beta), kernel) in enumerate(zip(pairwise(schedule.betas), schedule.kernels, strict=True), 1):
        log_weights = log_weights + (beta - before) * point.log_weight.double().reshape(shape)
        low = effective_share(log_weights) < resample
        if level < last and bool(low.any()):
            log_z += torch.where(low, log_mean(log_weights), 0.0)
            own = torch.arange(particles, device=low.device).expand(shape)
            # populations that are not resampled may hold weights from which multinomial cannot sample
            shares = torch.where(low[:, None], log_weights, 0.0).softmax(1)
            drawn = torch.multinomial(shares, particles, replacement=True, generator=generator)
            chosen = torch.where(low[:, None], drawn, own)
            log_weights = torch.where(low[:, None], 0.0, log_weights)
            eves, resamplings = eves.gather(1, chosen), resamplings + low
            offsets = torch.arange(populations, device=low.device)[:, None] * particles
            point = _rows(point, (chosen + offsets).flatten())
        point = moved(kernel, target, point, moves, generator, beta)
    steps = populations * particles * moves * last
    cost = schedule.kernels[0].cost.times(steps).plus(Cost(populations * particles, populations * particles))
    log_z = log_z + log_mean(log_weights)
    return Swarm(point.x.reshape(*shape, -1), log_weights, log_z, eves, resamplings, cost)


def backward(
    target: Target, schedule: Schedule, x: Tensor, moves: int, generator: torch.Generator
) -> tuple[Tensor, Cost]:
    """Anneal exact samples ``x: (B, D)`` of the model back to the base; return (log-weights ``(B,)``, cost).

    The returned log-weights w satisfy E[exp(-w)] = 1 / Z, so by Jensen's inequality E[-log mean exp(-w)] is at least
    log Z (bidirectional Monte Carlo; Grosse, Ghahramani & Adams 2015).
    """
    if len(x) > BLOCK:
        weights, costs = zip(
            *(backward(target, schedule, rows, moves, generator) for rows in x.split(BLOCK)), strict=True
        )
        return torch.cat(weights), functools.reduce(Cost.plus, costs)
    point = evaluate(target, x)
    log_weights = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    for (before, beta), kernel in reversed(list(zip(pairwise(schedule.betas), schedule.kernels, strict=True))):
        point = moved(kernel, target, point, moves, generator, beta)
        log_weights += (beta - before) * point.log_weight.double()
    steps = len(x) * moves * len(schedule.kernels)
    return log_weights, schedule.kernels[0].cost.times(steps).plus(Cost(len(x), len(x)))


def resampled(swarm: Swarm, n: int, generator: torch.Generator) -> Tensor:
    """Resample ``(n, D)`` particles: populations by their estimates of Z, particles by their weights."""
    own = swarm.log_weights.log_softmax(1)
    log_weights = (own + swarm.log_z[:, None]).flatten()
    return swarm.x.flatten(0, 1)[_systematic(log_weights[None], generator, n)[0]]


def log_mean(log_weights: Tensor) -> Tensor:
    """Compute the log of the mean weight over the last axis."""
    return log_weights.logsumexp(-1) - math.log(log_weights.shape[-1])


def effective_share(log_weights: Tensor) -> Tensor:
    """Compute the effective fraction of the particles, (sum w)^2 / (N sum w^2), over the last axis (Kong 1992)."""
    return (2 * log_weights.logsumexp(-1) - (2 * log_weights).logsumexp(-1)).exp() / log_weights.shape[-1]


def _next(log_weight: Tensor, beta: float) -> tuple[float, float]:
    """Return the pilot's next level and the length of the step to it."""
    weight = log_weight.double()
    if not bool(weight.isfinite().all()):
        raise FloatingPointError("the density is not finite at draws of its base measure")

    def share(step: float) -> float:
        return float(effective_share(step * weight))

    low, high = 0.0, 1 - beta
    if share(high) < PILOT_SHARE:
        while high - low > LEAST_STEP:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if share(middle) > PILOT_SHARE else (low, middle)
    return beta + high if beta + high < 1 - LEAST_STEP else 1.0, math.sqrt(max(1 / share(high) - 1, 0.0))


def moved(kernel: Sampler, target: Target, point: Point, moves: int, generator: torch.Generator, beta: float) -> Point:
    """Move ``point`` by ``moves`` steps of ``kernel`` at inverse temperature ``beta``."""
    for _ in range(moves):
        point, _info = kernel.step(target, point, generator, beta)
    return point


def _systematic(log_weights: Tensor, generator: torch.Generator, n: int | None = None) -> Tensor:
    """Return indices ``(P, n)`` by systematic resampling of ``log_weights: (P, N)``, one uniform per population."""
    populations, particles = log_weights.shape
    n = n or particles
    mass = log_weights.double().softmax(1).cumsum(1)
    uniform = torch.rand(populations, 1, generator=generator, device=mass.device, dtype=mass.dtype)
    marks = (torch.arange(n, device=mass.device) + uniform) / n
    return torch.searchsorted(mass, marks).clamp(max=particles - 1)


def _rows(point: Point, chosen: Tensor) -> Point:
    return Point(
        point.x[chosen],
        point.log_base[chosen],
        point.log_weight[chosen],
        None if point.base_gradient is None else point.base_gradient[chosen],
        None if point.weight_gradient is None else point.weight_gradient[chosen],
    )
