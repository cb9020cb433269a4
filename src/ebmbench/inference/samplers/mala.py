"""The Metropolis-adjusted Langevin algorithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat
from ebmbench.inference.samplers.interface import Info, LangevinStep, metropolis
from ebmbench.inference.samplers.target import Point, Target, evaluate

__all__ = ["MALA"]

#: optimal acceptance rate in high dimension (Roberts and Rosenthal 1998)
TARGET_ACCEPTANCE = 0.574


@dataclass(frozen=True)
class MALA(LangevinStep):
    """MALA: propose y = x + h/2 grad log pi(x) + sqrt(h) n, accept with probability min(1, a) (Roberts & Tweedie 1996).

    a = pi(y) q(x | y) / (pi(x) q(y | x)), q(y | x) = N(y; x + h/2 grad log pi(x), h I). ``step_size`` h is a
    variance. pi is invariant for every h. Target acceptance: Roberts & Rosenthal (1998).
    """

    step_size: PositiveFloat = 0.1
    kind: ClassVar[str] = "invariant"
    target_acceptance: ClassVar[float | None] = TARGET_ACCEPTANCE

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        """Compute log pi(y) q(x | y) - log pi(x) q(y | x) for x ``here``, y ``there``: ``(B,)``."""
        forth, back = self._log_proposal(here, there, beta), self._log_proposal(there, here, beta)
        return there.log_density(beta) - here.log_density(beta) + back - forth

    @property
    def noise_scale(self) -> float | Tensor:
        """The square root of the step size."""
        return math.sqrt(self.step_size)

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Make one proposal for all chains, accepted or rejected chain by chain."""
        noise = normal_like(state.x, generator)
        mean = state.x + 0.5 * self.step_size * state.gradient(beta)
        there = evaluate(target, mean + self.noise_scale * noise)
        state, acceptance, moved = metropolis(state, there, self.log_ratio(state, there, beta), generator)
        return state, Info(acceptance, moved)

    def _log_proposal(self, here: Point, there: Point, beta: float) -> Tensor:
        mean = here.x + 0.5 * self.step_size * here.gradient(beta)
        return -0.5 * (there.x - mean).square().sum(-1) / self.step_size
