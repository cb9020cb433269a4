"""Step-size adaptation during warm-up."""

from __future__ import annotations

import dataclasses
import math

import torch

from ebmbench.inference.samplers.interface import Adaptable, Sampler, State
from ebmbench.inference.samplers.target import Target

#: initial gain of the stochastic approximation, and the exponent of its decay with the step's number
GAIN, DECAY = 1.5, 0.6


def adapt(
    sampler: Sampler, target: Target, state: State, steps: int, generator: torch.Generator, beta: float = 1.0
) -> tuple[Sampler, State]:
    """Run ``steps`` steps; adapt the step size as :func:`adapt_step_size` if the sampler has a target acceptance.

    Return (the sampler, the state after them). Raises TypeError for a target acceptance without a step size.
    """
    if isinstance(sampler, Adaptable):
        return adapt_step_size(sampler, target, state, steps, generator, beta)
    if sampler.target_acceptance is not None:
        raise TypeError(f"a {type(sampler).__name__} has a target acceptance but no step_size")
    for _ in range(steps):
        state, _info = sampler.step(target, state, generator, beta)
    return sampler, state


def adapt_step_size(
    sampler: Adaptable, target: Target, state: State, steps: int, generator: torch.Generator, beta: float = 1.0
) -> tuple[Adaptable, State]:
    """Adapt the step size over ``steps`` steps; return (the sampler with the adapted step size, the state after them).

    log h <- log h + 1.5 k^-.6 (acceptance - target acceptance) after step k (Robbins & Monro 1951; Andrieu &
    Thoms 2008); the log of the final step size is the mean of log h over the last half of the steps. It is fixed
    afterwards. A sampler without a target acceptance keeps its step size.
    """
    target_acceptance = sampler.target_acceptance
    visited: list[float] = []
    for k in range(1, steps + 1):
        state, info = sampler.step(target, state, generator, beta)
        if target_acceptance is None:
            continue
        gap = float(info.acceptance.mean()) - target_acceptance
        log_size = math.log(sampler.step_size) + GAIN * k**-DECAY * gap
        visited.append(log_size)
        sampler = dataclasses.replace(sampler, step_size=math.exp(log_size))
    if visited:
        late = visited[len(visited) // 2 :]
        sampler = dataclasses.replace(sampler, step_size=math.exp(sum(late) / len(late)))
    return sampler, state
