"""Contrastive divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.interface import Model
from ebmbench.training.losses import base_samples, short_chains
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import LossOutput

__all__ = ["ContrastiveDivergence"]


@dataclass(frozen=True)
class ContrastiveDivergence:
    """L = 1/N sum_i U(x_i) - 1/N sum_i U(z_i) + penalty x (mean U(x)^2 + mean U(z)^2)   (Hinton 2002).

    z_i: the end of ``k`` Langevin steps z <- z - step/2 grad U(z) + sqrt(step) n, without a gradient through them.
    Chains start at x_i or, with ``from_base``, at samples from the model's base measure: short-run chains that never
    see data (Nijkamp et al. 2019). ``adjusted`` adds the Metropolis correction (MALA); without it the fixed point is
    that of the unadjusted chain. ``step`` is a variance in squared data units. U is taken relative to the base
    measure's additive constant, so the penalty fixes the free constant of the network. The gradient is not that of a
    fixed function. Cost: N (k + 2) energies, k N gradients in x; adjusted N more of each.
    """

    k: PositiveInt = 10
    step: PositiveFloat = 0.01
    penalty: NonNegativeFloat = 0.0
    adjusted: bool = False
    from_base: bool = False
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)``; raises :class:`UserError` without a density."""
        density = density_of(model)
        start = base_samples.with_base("cd", model).base_draws(len(x), generator).to(x.dtype) if self.from_base else x
        ends = short_chains.run(density, start, self.k, self.step, self.adjusted, generator)
        return short_chains.contrast(density, x, ends, self.penalty)
