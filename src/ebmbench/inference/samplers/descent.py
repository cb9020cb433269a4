"""Gradient descent on the energy: an optimiser, not a sampler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.core.ranges import PositiveFloat
from ebmbench.inference.samplers.interface import Info, LangevinStep, always
from ebmbench.inference.samplers.target import Point, Target, evaluate

__all__ = ["Descent"]


@dataclass(frozen=True)
class Descent(LangevinStep):
    """Gradient descent, x <- x + h/2 grad log pi_beta(x): the Langevin algorithm at temperature zero.

    It samples from no distribution: chains end in modes near their starting points. It is included because papers
    show such images as samples; every result made with it is marked ``optimiser``. ``step_size`` h as in ULA.
    """

    step_size: PositiveFloat = 0.01
    kind: ClassVar[str] = "optimiser"
    target_acceptance: ClassVar[float | None] = None

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Move all chains by one step; ``generator`` is not used."""
        return evaluate(target, state.x + 0.5 * self.step_size * state.gradient(beta)), always(state.x)
