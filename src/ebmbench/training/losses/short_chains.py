"""Short Langevin chains and the contrast with their ends, for contrastive divergence with and without persistence."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.inference.samplers.mala import MALA
from ebmbench.inference.samplers.target import Target
from ebmbench.models.interface import Density
from ebmbench.models.langevin import Ends, unadjusted_langevin
from ebmbench.training.losses.interface import LossOutput


def run(model: Density, x: Tensor, k: int, step: float, adjusted: bool, generator: torch.Generator) -> Ends:
    """Run ``k`` Langevin steps of variance ``step`` from ``x: (N, D)``, Metropolis-adjusted or not, without a graph."""
    if adjusted:
        target, sampler = Target(model.log_density, value_and_grad=model.value_and_grad), MALA(step)
        state = sampler.start(target, x, generator)
        for _ in range(k):
            state, _info = sampler.step(target, state, generator)
        return Ends(state.x, k + 1, k + 1)
    return unadjusted_langevin(model, x, k, step, generator)


def contrast(model: Density, x: Tensor, ends: Ends, penalty: float) -> LossOutput:
    """Compute mean U(x) - mean U(z) + ``penalty`` x (mean U(x)^2 + mean U(z)^2), z the ends of the chains."""
    energies = model.energy(torch.cat([x, ends.x]))
    positive, negative = energies[: len(x)], energies[len(x) :]
    difference = positive.mean() - negative.mean()
    square = penalty * (positive.square().mean() + negative.square().mean())
    cost = len(ends.x) * ends.energies, len(ends.x) * ends.gradients
    return LossOutput(difference + square, {}, len(x) + len(ends.x) + cost[0], cost[1])
