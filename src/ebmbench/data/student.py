"""Student's t distribution: log-density, and the map between two degrees of freedom that keeps quantiles."""

from __future__ import annotations

import math
from typing import Any

import torch
from scipy.special import stdtr, stdtrit
from torch import Tensor
from torch.autograd.function import FunctionCtx


def log_density(t: Tensor, nu: float) -> Tensor:
    """Compute the log-density of Student's t with ``nu`` degrees of freedom, elementwise."""
    constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - math.log(nu * math.pi) / 2
    return constant - (nu + 1) / 2 * (t.square() / nu).log1p()


def same_quantile(x: Tensor, nu: float, to: float) -> Tensor:
    """Compute t with F_to(t) = F_nu(x), elementwise in float64, F_nu the distribution function of Student's t."""
    mapped: Tensor = _SameQuantile.apply(x, nu, to)
    return mapped


class _SameQuantile(torch.autograd.Function):
    """The map and its derivative f_nu(x) / f_to(t)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, nu: float, to: float) -> Tensor:
        # the lower tail keeps its relative accuracy, and the map is odd
        lower = stdtr(nu, -x.detach().double().abs().numpy())
        t = -x.sign() * torch.from_numpy(stdtrit(to, lower))
        ctx.save_for_backward(x, t)
        ctx.degrees = (nu, to)
        return t

    @staticmethod
    def backward(ctx: FunctionCtx, *grads: Any) -> tuple[Tensor, None, None]:
        x, t = ctx.saved_tensors  # type: ignore[attr-defined]
        nu, to = ctx.degrees  # type: ignore[attr-defined]
        return grads[0] * (log_density(x, nu) - log_density(t, to)).exp(), None, None
