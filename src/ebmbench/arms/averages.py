"""Averages over the steps of a training run, of what chains tell of a model that changes."""

from __future__ import annotations

import torch
from torch import Tensor


class Covariance:
    """S, ``(K, K)``: the moving covariance of statistics over chains, I before the first step.

    I counts as one step, and each step as much as the others until the old value's share would be above ``decay``.
    ``ridge``: what is added to its diagonal where it is inverted.
    """

    def __init__(self, size: int, decay: float, ridge: float, device: torch.device) -> None:
        self.decay, self.ridge = decay, ridge
        self.value = torch.eye(size, dtype=torch.float64, device=device)
        self.steps = 1

    def add(self, values: Tensor) -> None:
        """One more step, in which the chains have the statistics ``values: (C, K)``."""
        self.steps += 1
        new = max(1 - self.decay, 1 / self.steps)
        self.value.lerp_(torch.cov(values.T).reshape(self.value.shape), new)

    def solve(self, vector: Tensor) -> Tensor:
        """(S + ridge I)^-1 v for ``v: (K,)``."""
        ridge = self.ridge * torch.eye(len(vector), dtype=torch.float64, device=vector.device)
        # of chains that have diverged there is no factor: NaN then, which training tells
        factor = torch.linalg.cholesky_ex(self.value + ridge).L
        return torch.cholesky_solve(vector[:, None], factor).squeeze(1)
