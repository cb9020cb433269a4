"""The unadjusted Langevin algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveFloat
from ebmbench.inference.samplers.interface import Info, LangevinStep, always
from ebmbench.inference.samplers.target import Point, Target, evaluate
from ebmbench.models.langevin import langevin_step

__all__ = ["ULA"]


@dataclass(frozen=True)
class ULA(LangevinStep):
    """Unadjusted Langevin: x <- x + h/2 grad log pi(x) + sqrt(h) n, n ~ N(0, I), never rejected.

    ``step_size`` h is a variance. The stationary distribution differs from pi by O(h): for N(0, S) it has variance
    S / (1 - h / 4S).
    """

    step_size: PositiveFloat = 0.01
    kind: ClassVar[str] = "biased"
    target_acceptance: ClassVar[float | None] = None

    def propose(self, state: Point, generator: torch.Generator, beta: float = 1.0) -> Tensor:
        """Return the positions of all chains after one step, ``(B, D)``, without evaluating the target there."""
        return langevin_step(state.x, state.gradient(beta), self.step_size, generator)

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Move all chains by one step."""
        return evaluate(target, self.propose(state, generator, beta)), always(state.x)
