"""log Z and samples by annealing particles from the base measure to the model: shared code of AIS and SMC."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.ranges import AtLeastTwo, Fraction, PositiveInt, check_ranges
from ebmbench.inference.likelihoods.interface import LogZ, Normalisation, Problem
from ebmbench.inference.likelihoods.populations import judged
from ebmbench.inference.samplers import tempering
from ebmbench.inference.samplers.hmc import HMC
from ebmbench.inference.samplers.target import BLOCK, Target, evaluate, of_model
from ebmbench.inference.samplers.tempering import Schedule
from ebmbench.models.blocks import in_blocks
from ebmbench.models.distributions.normal import Normal

#: initial step size of the pilot's kernel, relative to a step size that is stable on the base
FIRST_STEP = 0.5


@dataclass(frozen=True)
class AnnealingSweep:
    """Settings of a sweep of ``populations`` x ``particles`` particles over ``temperatures`` annealing levels.

    At each level there are ``moves`` trajectories of ``leapfrog`` steps. ``resample``: effective fraction of the
    particles below which a population is resampled.
    """

    populations: AtLeastTwo
    particles: AtLeastTwo
    temperatures: PositiveInt
    moves: PositiveInt
    leapfrog: PositiveInt
    resample: Fraction

    def __post_init__(self) -> None:
        check_ranges(self)


def applies(problem: Problem) -> bool:
    """Return whether particles can start at the base measure or its latents, that is, whether these are normal."""
    return isinstance(of_model(problem.model).base, Normal)


def kernel(base: Normal, leapfrog: int) -> HMC:
    """Return HMC with an initial step size from the base's smallest standard deviation; one leapfrog step is MALA."""
    least = float(torch.linalg.svdvals(base.cholesky)[-1])
    return HMC(FIRST_STEP * least * base.dim**-0.25, leapfrog)


def normalise(
    problem: Problem, sweep: AnnealingSweep, method: str, draws: int, refresh: int, generator: torch.Generator
) -> Normalisation:
    """Estimate log Z of ``problem`` by annealing; its samples are resampled particles after ``refresh`` moves.

    A pilot population chooses levels and step sizes, which are fixed afterwards. The ``refresh`` moves are at beta = 1.
    Results are labelled with the name ``method``.
    """
    target = of_model(problem.model)
    shape = (sweep.populations, sweep.particles)
    try:
        schedule = tempering.plan(
            target, kernel(target.normal_measure(), sweep.leapfrog), sweep.particles, sweep.temperatures, generator
        )
        swarm = tempering.forward(target, schedule, shape, sweep.moves, sweep.resample, generator)
    except FloatingPointError as error:
        return Normalisation(
            LogZ(math.nan, math.nan, method, "failed", str(error)), problem.train[:0], "none", 0, Cost()
        )
    log_z = judged(swarm.log_z, swarm.variance, sweep.particles, method)
    samples, cost = problem.train[:0], schedule.cost.plus(swarm.cost)
    if math.isfinite(log_z.value):
        chosen = tempering.resampled(swarm, draws, generator)
        moved, extra = _refreshed(target, schedule, chosen, refresh, generator)
        samples = in_blocks(target.decode, moved)
        cost = cost.plus(extra)
    share = log_z.diagnostics.get("ess_fraction", 0.0)
    n_eff = min(share * sweep.populations * sweep.particles, len(samples))
    return Normalisation(log_z, samples, f"{method} resampling + {refresh} moves", n_eff, cost)


def _refreshed(
    target: Target, schedule: Schedule, x: Tensor, moves: int, generator: torch.Generator
) -> tuple[Tensor, Cost]:
    last, blocks = schedule.kernels[-1], []
    for rows in x.split(BLOCK):
        blocks.append(tempering.moved(last, target, evaluate(target, rows), moves, generator, 1.0).x)
    return torch.cat(blocks), last.cost.times(moves * len(x)).plus(Cost(len(x), len(x)))
