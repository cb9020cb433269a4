"""Random-walk Metropolis sampler."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.inference.samplers.interface import Info, metropolis
from ebmbench.inference.samplers.target import Point, Target, evaluate

__all__ = ["RandomWalk"]


@dataclass(frozen=True)
class RandomWalk:
    """Random walk: propose y = x + sqrt(h) n, accept with probability min(1, pi(y) / pi(x)) (Metropolis et al. 1953).

    ``step_size`` h is a variance. No gradient is needed. Target acceptance: Roberts, Gelman & Gilks (1997).
    """

    step_size: PositiveFloat = 0.1
    kind: ClassVar[str] = "invariant"
    target_acceptance: ClassVar[float | None] = 0.234
    start_cost: ClassVar[Cost] = Cost(1, 0)

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def cost(self) -> Cost:
        """One energy per step."""
        return Cost(1, 0)

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> Point:
        """Return the state at ``x: (B, D)``."""
        return evaluate(target, x, gradients=False)

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        """Compute log pi(y) - log pi(x) for x ``here``, y ``there``: ``(B,)``."""
        return there.log_density(beta) - here.log_density(beta)

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Make one proposal for all chains, accepted or rejected chain by chain."""
        noise = normal_like(state.x, generator)
        there = evaluate(target, state.x + math.sqrt(self.step_size) * noise, gradients=False)
        state, acceptance, moved = metropolis(state, there, self.log_ratio(state, there, beta), generator)
        return state, Info(acceptance, moved)
