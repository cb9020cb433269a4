"""Runs of Markov chains with warm-up and thinning, and their cost."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.samplers.adaptation import adapt
from ebmbench.inference.samplers.interface import Info, Sampler
from ebmbench.inference.samplers.target import BLOCK, Target


class Length(NamedTuple):
    """Length of a run: ``warmup`` steps, then ``draws`` samples per chain, ``thin`` steps apart."""

    warmup: int
    draws: int
    thin: int

    @property
    def steps(self) -> int:
        """Number of steps of each chain, up to its last sample."""
        return self.warmup + self.draws * self.thin


class Chains(NamedTuple):
    """Chains ``draws: (n, C, D)``: n samples of each of C chains, in the space of the target.

    ``sampler`` has the step size with which the samples were drawn; ``acceptance`` is the mean probability after
    the warm-up and ``drift`` the root mean square change of the total energy along a trajectory in nats (NaN
    for samplers without trajectories).
    """

    draws: Tensor
    sampler: Sampler
    beta: float
    acceptance: float
    drift: float
    cost: Cost


def run(
    sampler: Sampler, target: Target, start: Tensor, length: Length, generator: torch.Generator, beta: float = 1.0
) -> Chains:
    """Run chains from ``start: (C, D)`` that target pi_beta.

    The first block of chains adapts the step size during its warm-up; later blocks warm up with that step size.
    """
    blocks: list[Tensor] = []
    acceptance, square_drift, count = 0.0, 0.0, 0
    for index, x in enumerate(start.split(BLOCK)):
        state = sampler.start(target, x, generator)
        if index == 0:
            sampler, state = adapt(sampler, target, state, length.warmup, generator, beta)
        else:
            for _ in range(length.warmup):
                state, _info = sampler.step(target, state, generator, beta)
        kept = []
        for _ in range(length.draws):
            for _ in range(length.thin):
                state, info = sampler.step(target, state, generator, beta)
                acceptance += float(info.acceptance.sum())
                square_drift += _square(info)
            kept.append(state.x)
        count += len(x) * length.draws * length.thin
        blocks.append(torch.stack(kept))
    steps = len(start) * (length.warmup + length.draws * length.thin)
    cost = sampler.cost.times(steps).plus(sampler.start_cost.times(len(start)))
    draws = torch.cat(blocks, 1)
    return Chains(draws, sampler, beta, acceptance / count, math.sqrt(square_drift / count), cost)


def _square(info: Info) -> float:
    return math.nan if info.drift is None else float(info.drift.square().sum())
