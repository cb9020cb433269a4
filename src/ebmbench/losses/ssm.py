"""Sliced score matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.families.model import Density
from ebmbench.losses.base import Terms
from ebmbench.losses.tilt_equations import QuadraticInTilt, TiltEquations, explicit

__all__ = ["SlicedScoreMatching"]


@dataclass(frozen=True)
class SlicedScoreMatching(QuadraticInTilt):
    """L = 1/N sum_i ( 1/2 |grad U(x_i)|^2 - 1/S sum_s v_is' grad^2 U(x_i) v_is )   (Song et al. 2019).

    v_is: ``slices`` = S Rademacher vectors a row: the variance-reduced form, with Hutchinson's estimate of the trace,
    unbiased for explicit score matching, and equal to it in one dimension. Cost: N energies, N (1 + S) gradients
    in x, S of them second derivatives, all differentiated once more.
    """

    slices: int = 1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.slices < 1:
            raise ValueError("slices must be 1 or more")

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> Terms:
        """The objective on ``x: (N, D)``."""
        signs = torch.randint(2, (self.slices, *x.shape), generator=generator, device=x.device)
        with torch.enable_grad():
            points = x.detach().requires_grad_()
            slope = torch.autograd.grad(model.energy(points).sum(), points, create_graph=True)[0]
            curvatures = [_along(slope, points, 2 * v.to(x.dtype) - 1) for v in signs]
        loss = (0.5 * slope.square().sum(-1) - torch.stack(curvatures).mean(0)).mean()
        return Terms(loss, {}, len(x), len(x) * (1 + self.slices))

    def tilt_equations(self, model: Density, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Those of explicit score matching, which slices only estimate: the statistics' own Laplacian is known."""
        return explicit(model, x)


def _along(slope: Tensor, points: Tensor, direction: Tensor) -> Tensor:
    """v' grad^2 U v, ``(N,)``, for a direction v of each row."""
    projected = (slope * direction).sum()
    return (torch.autograd.grad(projected, points, create_graph=True)[0] * direction).sum(-1)
