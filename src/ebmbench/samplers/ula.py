"""The unadjusted Langevin algorithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.randomness import normal_like
from ebmbench.samplers.base import Info, LogDensity, State, evaluate


@dataclass(frozen=True)
class ULA:
    """x <- x + h/2 grad log p(x) + sqrt(h) n, n ~ N(0, I), never rejected.

    ``step_size`` h is a variance. The stationary law differs from p by O(h): for N(0, S) it has variance
    S / (1 - h / 4S).
    """

    log_density: LogDensity
    step_size: float

    def start(self, x: Tensor) -> State:
        """The state at ``x: (B, D)``."""
        return evaluate(self.log_density, x)

    def propose(self, state: State, generator: torch.Generator) -> Tensor:
        """Where one move of all chains ends, ``(B, D)``, not yet evaluated there."""
        noise = normal_like(state.x, generator)
        return state.x + 0.5 * self.step_size * state.gradient + math.sqrt(self.step_size) * noise

    def step(self, state: State, generator: torch.Generator) -> tuple[State, Info]:
        """One move of all chains."""
        ones = torch.ones_like(state.log_density)
        return evaluate(self.log_density, self.propose(state, generator)), Info(ones, ones.bool())
