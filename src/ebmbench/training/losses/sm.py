"""Explicit score matching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Model
from ebmbench.models.networks.jets import units
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import DifferentiatesTwice, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt, TiltEquations, explicit

__all__ = ["ScoreMatching"]


@dataclass(frozen=True)
class ScoreMatching(QuadraticInTilt, DifferentiatesTwice):
    """L = 1/N sum_i ( 1/2 |grad U(x_i)|^2 - tr grad^2 U(x_i) )   (Hyvarinen 2005).

    The trace is exact: one further derivative for each of the D coordinates. The loss is unbounded below if the data
    lie in fewer dimensions. Cost: N energies, N (1 + D) gradients in x, D of them second derivatives, all
    differentiated once more.
    """

    comparable: ClassVar[bool] = True

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)``; ``generator`` is not used; raises :class:`UserError` without a density."""
        density, dim = density_of(model), x.shape[1]
        found = density.directional_derivatives(x, units(x), dim)
        slopes, trace = (found.slopes, -found.curvature) if found else _differentiated(density.energy, x)
        return LossOutput((0.5 * slopes.square().sum(0) - trace).mean(), {}, len(x), len(x) * (1 + dim))

    def tilt_equations(self, model: Generalized, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Return :func:`~ebmbench.training.losses.tilt_equations.explicit` at ``x``."""
        return explicit(model, x)


def _differentiated(energy: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the gradient ``(D, N)`` and the Laplacian ``(N,)`` of the energy by automatic differentiation."""
    with torch.enable_grad():
        points = x.detach().requires_grad_()
        slope = torch.autograd.grad(energy(points).sum(), points, create_graph=True)[0]
        dim = x.shape[1]
        rows = [torch.autograd.grad(slope[:, k].sum(), points, create_graph=True)[0][:, k] for k in range(dim)]
    return slope.T, torch.stack(rows).sum(0)
