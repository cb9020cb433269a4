"""Sliced score matching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Density, Model
from ebmbench.models.networks.jets import Jet, units
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import DifferentiatesTwice, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt, TiltEquations, explicit

__all__ = ["SlicedScoreMatching"]


#: largest dimension at which forward derivatives along every axis are cheaper than a second-order graph
FEW = 8


@dataclass(frozen=True)
class SlicedScoreMatching(QuadraticInTilt, DifferentiatesTwice):
    """L = 1/N sum_i ( 1/2 |grad U(x_i)|^2 - 1/S sum_s v_is' grad^2 U(x_i) v_is )   (Song et al. 2019).

    v_is: ``slices`` = S Rademacher vectors per example. This is the variance-reduced form, with Hutchinson's estimate
    of the trace: unbiased for explicit score matching and equal to it in one dimension. Cost: N energies, N (1 + S)
    gradients in x, S of them second derivatives, all differentiated once more.
    """

    slices: PositiveInt = 1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)``; raises :class:`UserError` without a density."""
        density = density_of(model)
        signs = torch.randint(2, (self.slices, *x.shape), generator=generator, device=x.device)
        slices = 2 * signs.to(x.dtype) - 1
        found = self._written_out(density, x, slices) or _differentiated(density.energy, x, slices)
        loss = (0.5 * found.slopes.square().sum(0) - found.curvature / self.slices).mean()
        return LossOutput(loss, {}, len(x), len(x) * (1 + self.slices))

    def _written_out(self, model: Density, x: Tensor, slices: Tensor) -> Jet | None:
        """Compute the energy's gradient in orthonormal axes and its curvature along all slices in closed form.

        None if the model has no closed form or more than :data:`FEW` dimensions.
        """
        if x.shape[1] > FEW:
            return None
        if self.slices == 1:
            # the slice is the first axis, which saves one pass
            found, share = model.directional_derivatives(x, _axes(slices[0]), 1), x.shape[1]
            return found and Jet(found.slopes, -found.curvature * share)
        found = model.directional_derivatives(x, torch.cat([slices, units(x)]), self.slices)
        return found and Jet(found.slopes[self.slices :], -found.curvature)

    def tilt_equations(self, model: Generalized, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Return the equations of explicit score matching, which slices only estimate.

        The statistics' Laplacian is known, so no slices are needed.
        """
        return explicit(model, x)


def _differentiated(energy: Callable[[Tensor], Tensor], x: Tensor, slices: Tensor) -> Jet:
    """Compute the energy's gradient and its curvature along all slices by automatic differentiation."""
    with torch.enable_grad():
        points = x.detach().requires_grad_()
        slope = torch.autograd.grad(energy(points).sum(), points, create_graph=True)[0]
        curvature = sum((_along(slope, points, v) for v in slices), start=torch.zeros_like(x[:, 0]))
        return Jet(slope.T, curvature)


def _axes(v: Tensor) -> Tensor:
    """Return orthonormal axes ``(D, B, D)`` whose first is v / |v|, for ``v: (B, D)`` with entries 1 and -1.

    They are the unit vectors under the Householder reflection that maps the first unit vector to v / |v|.
    """
    units = torch.eye(v.shape[1], dtype=v.dtype, device=v.device)
    mirror = v / v.shape[1] ** 0.5 - units[0]
    lengths = mirror.square().sum(1, keepdim=True).clamp(min=torch.finfo(v.dtype).tiny)
    return units[:, None] - 2 * mirror.T[..., None] * mirror / lengths


def _along(slope: Tensor, points: Tensor, direction: Tensor) -> Tensor:
    """Compute v' grad^2 U v, ``(N,)``, for one direction v per example."""
    projected = (slope * direction).sum()
    return (torch.autograd.grad(projected, points, create_graph=True)[0] * direction).sum(-1)
