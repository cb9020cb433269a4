"""Gradient penalty, a regulariser that can be added to any loss."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Model


def gradient_penalty(model: Model, x: Tensor, generator: torch.Generator) -> Tensor:
    """Compute 1/N sum_i |grad E(u_i)|^2, u_i = a_i x_i + (1 - a_i) y_i, a_i ~ U(0, 1), y_i ~ b.

    E is the energy relative to the base measure b; ``x: (N, D)``; differentiable in the parameters. The penalty is
    zero-centred, at points between data and base samples (Gulrajani et al. 2017; zero-centred as used with KALE, Arbel,
    Zhou and Gretton 2021). Cost: N energies and N gradients in x. Raises :class:`UserError` for a family without a base
    measure.
    """
    if not isinstance(model, Generalized):
        raise UserError("train.gradient_penalty: this family has no base measure; allowed: 0")
    share = torch.rand(len(x), 1, generator=generator, dtype=x.dtype, device=x.device)
    with torch.enable_grad():
        between = (share * x + (1 - share) * model.base_draws(len(x), generator).to(x.dtype)).requires_grad_()
        slope = torch.autograd.grad(model.log_weight(between).sum(), between, create_graph=True)[0]
    return slope.square().sum(-1).mean()
