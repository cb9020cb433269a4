"""Independence Metropolis with proposals from the base measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.inference.samplers.interface import Info, metropolis
from ebmbench.inference.samplers.target import Point, Target, evaluate

__all__ = ["IndependenceMetropolis"]


@dataclass(frozen=True)
class IndependenceMetropolis:
    """Propose y ~ b independently of x, accept with probability min(1, exp(beta (w(y) - w(x)))) (Tierney 1994).

    The base measure cancels in the ratio pi_beta(y) b(x) / (pi_beta(x) b(y)). Needs a target with a base.
    """

    kind: ClassVar[str] = "invariant"
    target_acceptance: ClassVar[float | None] = None
    start_cost: ClassVar[Cost] = Cost(1, 0)

    @property
    def cost(self) -> Cost:
        """One energy per step."""
        return Cost(1, 0)

    def start(self, target: Target, x: Tensor, generator: torch.Generator) -> Point:
        """Return the state at ``x: (B, D)``; raise ValueError for a target on a flat measure."""
        if target.base is None:
            raise ValueError("independence Metropolis proposes from a base measure; the target has none")
        return evaluate(target, x, gradients=False)

    def log_ratio(self, here: Point, there: Point, beta: float) -> Tensor:
        """Compute beta (w(y) - w(x)) for x ``here``, y ``there``: ``(B,)``."""
        return beta * (there.log_weight - here.log_weight)

    def step(self, target: Target, state: Point, generator: torch.Generator, beta: float = 1.0) -> tuple[Point, Info]:
        """Make one proposal for all chains, accepted or rejected chain by chain."""
        proposals = target.measure().sample(len(state.x), generator).to(state.x.dtype)
        there = evaluate(target, proposals, gradients=False)
        state, acceptance, moved = metropolis(state, there, self.log_ratio(state, there, beta), generator)
        return state, Info(acceptance, moved)
