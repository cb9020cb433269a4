"""The Metropolis-adjusted Langevin algorithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.randomness import normal_like
from ebmbench.samplers.base import Info, LogDensity, State, evaluate


@dataclass(frozen=True)
class MALA:
    """Propose y = x + h/2 grad log p(x) + sqrt(h) n; accept with probability min(1, a)   (Roberts & Tweedie 1996).

    a = p(y) q(x | y) / (p(x) q(y | x)), q(y | x) = N(y; x + h/2 grad log p(x), h I). ``step_size`` h is a
    variance. p is invariant for every h.
    """

    log_density: LogDensity
    step_size: float

    def start(self, x: Tensor) -> State:
        """The state at ``x: (B, D)``."""
        return evaluate(self.log_density, x)

    def step(self, state: State, generator: torch.Generator) -> tuple[State, Info]:
        """One proposal for all chains, accepted or not chain by chain."""
        noise = normal_like(state.x, generator)
        mean = state.x + 0.5 * self.step_size * state.gradient
        proposed = evaluate(self.log_density, mean + math.sqrt(self.step_size) * noise)
        back = proposed.x + 0.5 * self.step_size * proposed.gradient
        forward_log = -0.5 * noise.square().sum(-1)
        backward_log = -0.5 * (state.x - back).square().sum(-1) / self.step_size
        log_ratio = proposed.log_density - state.log_density + backward_log - forward_log
        acceptance = log_ratio.nan_to_num(nan=-math.inf).clamp(max=0).exp()
        uniform = torch.rand(acceptance.shape, generator=generator, device=acceptance.device)
        moved = uniform < acceptance
        keep = moved[:, None]
        chosen = State(
            torch.where(keep, proposed.x, state.x),
            torch.where(moved, proposed.log_density, state.log_density),
            torch.where(keep, proposed.gradient, state.gradient),
        )
        return chosen, Info(acceptance, moved)
