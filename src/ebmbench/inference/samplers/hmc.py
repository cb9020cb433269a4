"""Hamiltonian Monte Carlo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, PositiveInt, ProperFraction, check_ranges
from ebmbench.inference.samplers.interface import Info, metropolis
from ebmbench.inference.samplers.target import Point, Target, evaluate

__all__ = ["HMC"]


@dataclass(frozen=True)
class HMC:
    """HMC: leapfrog trajectory from (x, v), v ~ N(0, I), accepted with probability min(1, exp(H - H')) (Neal 2011).

    H(x, v) = -log pi(x) + |v|^2 / 2. Each trajectory has ``leapfrog`` steps of length h, uniform within ``jitter``
    times ``step_size`` around ``step_size``, redrawn for every trajectory and shared by all chains, because a fixed h
    could close periodic orbits for ever. ``step_size`` is a time. pi is invariant for every h. The gradient at the
    start is reused from the state, also after a rejection. Target acceptance: Beskos et al. (2013).
    """

    step_size: PositiveFloat = 0.2
    leapfrog: PositiveInt = 5
    jitter: ProperFraction = 0.2
    kind: ClassVar[str] = "invariant"
    target_acceptance: ClassVar[float | None] = 0.651
    start_cost: ClassVar[Cost] = Cost(1, 1)

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def cost(self) -> Cost:
        """One energy with its gradient per leapfrog step."""
        return Cost(self.leapfrog, self.leapfrog)

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> Point:
        """Return the state at ``x: (B, D)``."""
        return evaluate(target, x)

    def trajectory(
        self, target: Target, here: Point, velocity: Tensor, size: float, beta: float = 1.0
    ) -> tuple[Point, Tensor]:
        """Run ``leapfrog`` velocity-Verlet steps of length ``size``; return (point, velocity ``(B, D)``) at the end."""
        for _ in range(self.leapfrog):
            velocity = velocity + 0.5 * size * here.gradient(beta)
            here = evaluate(target, here.x + size * velocity)
            velocity = velocity + 0.5 * size * here.gradient(beta)
        return here, velocity

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Run one trajectory of all chains, accepted or rejected chain by chain."""
        velocity = normal_like(state.x, generator)
        factor = 1 + self.jitter * (2 * float(torch.rand((), generator=generator, device=generator.device)) - 1)
        there, end = self.trajectory(target, state, velocity, self.step_size * factor, beta)
        log_ratio = total_log_density(there, end, beta) - total_log_density(state, velocity, beta)
        state, acceptance, moved = metropolis(state, there, log_ratio, generator)
        return state, Info(acceptance, moved, -log_ratio)


def total_log_density(point: Point, velocity: Tensor, beta: float) -> Tensor:
    """Compute -H(x, v) = log pi(x) - |v|^2 / 2, ``(B,)``."""
    return point.log_density(beta) - 0.5 * velocity.square().sum(-1)
