"""Running averages of chain statistics over the steps of a training run."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.state import NamedState

#: a factor of the covariance is renewed after so many steps, or this fraction of all steps if that is less
OLD, OLD_SHARE = 10, 0.05


class Covariance(NamedState):
    """S, ``(K, K)``: the moving covariance of statistics over chains, I before the first step.

    I counts as one step. All steps have equal weight until the old value's weight would exceed ``decay``. ``ridge`` is
    added to the diagonal before inversion, which uses a factor up to ten steps old.
    """

    state_names: ClassVar = ("value", "factor", "steps", "factored")

    def __init__(self, size: int, decay: float, ridge: float, device: torch.device) -> None:
        self.decay, self.ridge = decay, ridge
        self.value = torch.eye(size, dtype=torch.float64, device=device)
        self.steps, self.factored = 1, 0
        self.factor = self.value

    def add(self, values: Tensor) -> None:
        """Add a step in which the chains have the statistics ``values: (C, K)``."""
        self.steps += 1
        new = max(1 - self.decay, 1 / self.steps)
        # torch.cov compares numbers on the host
        centred = values.T - values.T.mean(1, keepdim=True)
        self.value.lerp_(centred @ centred.T / (len(values) - 1), new)

    def solve(self, vector: Tensor) -> Tensor:
        """Compute (S + ridge I)^-1 v for ``v: (K,)``."""
        if self.steps - self.factored >= min(OLD, OLD_SHARE * self.steps):
            ridge = self.ridge * torch.eye(len(vector), dtype=torch.float64, device=vector.device)
            # the covariance of diverged chains has no factor: the result is then NaN, which training detects
            self.factor, self.factored = torch.linalg.cholesky_ex(self.value + ridge).L, self.steps
        return torch.cholesky_solve(vector[:, None], self.factor).squeeze(1)
