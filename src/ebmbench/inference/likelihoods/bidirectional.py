"""Bidirectional Monte Carlo: upper and lower bounds on log Z from both ends of the annealing path."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from scipy.special import stdtrit
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.likelihoods import annealed
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.inference.samplers import tempering
from ebmbench.inference.samplers.target import of_model
from ebmbench.inference.samplers.tempering import log_mean
from ebmbench.models.blocks import in_blocks

#: probability with which each bound holds
CONFIDENCE = 0.999


class Bounds(NamedTuple):
    """Bounds ``lower`` <= log Z <= ``upper`` in nats, each with probability .999."""

    lower: float
    upper: float
    cost: Cost

    @property
    def gap(self) -> float:
        """Width of the interval, upper - lower."""
        return self.upper - self.lower


def bounds(problem: Problem, exact: Tensor, sweep: annealed.AnnealingSweep, generator: torch.Generator) -> Bounds:
    """Bound log Z from both sides by bidirectional Monte Carlo   (Grosse, Ghahramani & Adams 2015).

    Forward, annealing b to p: E[log Z_p] <= log Z for each population's mean weight Z_p. In reverse, annealing
    ``exact`` samples of p ``(>= P N, D)`` to b along the same levels: E[-log mean exp(-w)] >= log Z. Each bound is
    the mean over the P populations, moved outwards by Student's .999 quantile times its standard error. Both are
    NaN if a weight is not finite. Raises ValueError for too few samples.
    """
    needed = sweep.populations * sweep.particles
    if len(exact) < needed:
        raise ValueError(f"{len(exact)} exact samples; allowed: {needed} or more")
    target, shape = of_model(problem.model), (sweep.populations, sweep.particles)
    kernel = annealed.kernel(target.normal_measure(), sweep.leapfrog)
    try:
        schedule = tempering.plan(target, kernel, sweep.particles, sweep.temperatures, generator)
    except FloatingPointError:
        return Bounds(math.nan, math.nan, Cost())
    swarm = tempering.forward(target, schedule, shape, sweep.moves, 0.0, generator)
    ends = in_blocks(target.encode, exact[:needed])
    weights, cost = tempering.backward(target, schedule, ends, sweep.moves, generator)
    below, above = swarm.log_z, -log_mean(-weights.reshape(shape))
    spent = schedule.cost.plus(swarm.cost).plus(cost)
    return Bounds(float(below.mean()) - _margin(below), float(above.mean()) + _margin(above), spent)


def _margin(values: Tensor) -> float:
    return float(stdtrit(len(values) - 1, CONFIDENCE)) * float(values.std()) / math.sqrt(len(values))
