"""Kinetic (underdamped) Langevin dynamics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.inference.samplers.interface import Info, always
from ebmbench.inference.samplers.target import Target, evaluate

__all__ = ["KineticLangevin"]


class Moving(NamedTuple):
    """State of B chains with their velocities: ``x: (B, D)``, ``velocity: (B, D)``."""

    x: Tensor
    velocity: Tensor


@dataclass(frozen=True)
class KineticLangevin:
    """Kinetic Langevin, dx = v dt, dv = grad log pi(x) dt - kappa v dt + sqrt(2 kappa) dW, by the ABOBA splitting.

    With g = grad log pi, h = ``step_size`` (a time), C = exp(-kappa h), kappa = ``friction``: x <- x + h/2 v,
    v <- v + h/2 g(x), v <- C v + sqrt(1 - C^2) n, v <- v + h/2 g(x), x <- x + h/2 v   (Leimkuhler & Matthews
    2013; used by Arbel, Zhou and Gretton 2021 to sample latents). Never rejected. For a Gaussian of precision p
    the position's variance is exactly 1/p for every h < 2 p^(-1/2) and every friction; the velocity's is
    1 + h^2 p / (4 - h^2 p).
    """

    step_size: PositiveFloat = 0.1
    friction: PositiveFloat = 1.0
    kind: ClassVar[str] = "biased"
    target_acceptance: ClassVar[float | None] = None
    start_cost: ClassVar[Cost] = Cost()

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def cost(self) -> Cost:
        """One energy with its gradient per step."""
        return Cost(1, 1)

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> Moving:
        """Return the state at ``x: (B, D)``, with velocities drawn from N(0, I)."""
        return Moving(x.detach(), normal_like(x, generator))

    def step(self, target: Target, state: Moving, generator: torch.Generator, beta: float = 1.0) -> tuple[Moving, Info]:
        """Move all chains by one step."""
        half, keep = 0.5 * self.step_size, math.exp(-self.friction * self.step_size)
        middle = evaluate(target, state.x + half * state.velocity)
        kick = half * middle.gradient(beta)
        noise = normal_like(state.x, generator)
        velocity = keep * (state.velocity + kick) + math.sqrt(1 - keep**2) * noise + kick
        return Moving(middle.x + half * velocity, velocity), always(state.x)
