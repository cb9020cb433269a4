"""Contrastive divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.families.model import Density
from ebmbench.losses.base import Terms
from ebmbench.samplers.ula import ULA

__all__ = ["ContrastiveDivergence"]


@dataclass(frozen=True)
class ContrastiveDivergence:
    """L = 1/N sum_i U(x_i) - 1/N sum_i U(z_i) + penalty x (mean U(x)^2 + mean U(z)^2)   (Hinton 2002).

    z_i: ``k`` unadjusted Langevin steps z <- z - step/2 grad U(z) + sqrt(step) n from x_i, no gradient
    through them. ``step`` is a variance in the rows' units squared. U is taken relative to the base measure's
    additive constant, so the penalty ties the free constant of the network. The gradient is not that of a
    fixed function. Cost: N (k + 2) energies, k N gradients in x.
    """

    k: int = 10
    step: float = 0.01
    penalty: float = 0.0
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.k < 1 or self.step <= 0 or self.penalty < 0:
            raise ValueError("k must be 1 or more, step above 0, penalty 0 or more")

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> Terms:
        """The contrast of ``x: (N, D)`` with its chains' ends."""
        sampler = ULA(model.log_density, self.step)
        state = sampler.start(x)
        for _ in range(self.k - 1):
            state = sampler.step(state, generator)[0]
        ends = sampler.propose(state, generator)
        positive, negative = model.energy(torch.cat([x, ends])).chunk(2)
        contrast = positive.mean() - negative.mean()
        penalty = self.penalty * (positive.square().mean() + negative.square().mean())
        logs = {"contrast": float(contrast.detach())}
        return Terms(contrast + penalty, logs, len(x) * (self.k + 2), len(x) * self.k)
