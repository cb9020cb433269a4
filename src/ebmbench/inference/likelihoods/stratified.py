"""Differentiable stratified estimate of log Z in one and two dimensions, for maximum-likelihood training."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.inference.samplers.target import of_model
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted


def jittered_log_z(model: Tilted, cells: int, generator: torch.Generator) -> Tensor:
    """Estimate log Z by log mean_c exp(log p~(x_c) - log b(x_c)), whose exp is unbiased for Z.

    The estimate is differentiable in the parameters. x_c is uniform in cell c of ``cells``^D equal cells of [0, 1]^D,
    mapped by the inverse distribution function of the base measure b, or of its normal latents if b is their
    push-forward. The points cover all space, densely where b is high.

    Raises :class:`UserError` for other base measures.
    """
    target = of_model(model)
    base = target.base
    if not isinstance(base, Normal):
        raise UserError(
            "loss ml: an estimate of log Z needs a normal base measure or a flow of normal latents; exclude the cell"
        )
    axis = torch.arange(cells, device=base.mean.device, dtype=base.mean.dtype) / cells
    corners = torch.cartesian_prod(*[axis] * base.dim).reshape(-1, base.dim)
    jitter = torch.rand(corners.shape, generator=generator, device=corners.device, dtype=corners.dtype)
    uniform = (corners + jitter / cells).clamp(1e-6, 1 - 1e-6)
    x = base.mean + torch.special.ndtri(uniform) @ base.cholesky.T
    return target.log_weight(x).logsumexp(0) - base.dim * math.log(cells)
