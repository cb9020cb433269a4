"""The unadjusted Langevin algorithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.randomness import normal_like
from ebmbench.samplers.base import Info, LangevinStep, always
from ebmbench.samplers.target import Point, Target, evaluate

__all__ = ["ULA"]


@dataclass(frozen=True)
class ULA(LangevinStep):
    """x <- x + h/2 grad log pi(x) + sqrt(h) n, n ~ N(0, I), never rejected.

    ``step_size`` h is a variance. The stationary law differs from pi by O(h): for N(0, S) it has variance
    S / (1 - h / 4S).
    """

    step_size: float = 0.01
    kind: ClassVar[str] = "biased"
    target_acceptance: ClassVar[float | None] = None

    def propose(self, state: Point, generator: torch.Generator, beta: float = 1.0) -> Tensor:
        """Where one move of all chains ends, ``(B, D)``, not yet evaluated there."""
        return self.moved(state.x, state.gradient(beta), generator)

    def moved(self, x: Tensor, gradient: Tensor, generator: torch.Generator) -> Tensor:
        """x + h/2 ``gradient`` + sqrt(h) n, all ``(B, D)``."""
        noise = normal_like(x, generator)
        return x + 0.5 * self.step_size * gradient + math.sqrt(self.step_size) * noise

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """One move of all chains."""
        return evaluate(target, self.propose(state, generator, beta)), always(state.x)
