"""Denoising score matching at one noise level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Model
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import DifferentiatesTwice, LossOutput
from ebmbench.training.losses.tilt_equations import QuadraticInTilt, TiltEquations, denoising

__all__ = ["DenoisingScoreMatching"]


@dataclass(frozen=True)
class DenoisingScoreMatching(QuadraticInTilt, DifferentiatesTwice):
    """L = 1/2N sum_i |sigma grad U(x_i + sigma e_i) - e_i|^2, e_i ~ N(0, I)   (Vincent 2011).

    ``sigma`` is a standard deviation in data units. The minimiser is the energy of the data convolved with
    N(0, sigma^2 I), not of the data. Cost: N energies and N gradients in x, differentiated once more.
    """

    sigma: PositiveFloat = 0.1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the mean denoising error of ``x: (N, D)``, summed over dimensions.

        Raises :class:`UserError` without a density.
        """
        density = density_of(model)
        noise = normal_like(x, generator)
        noisy = (x + self.sigma * noise).requires_grad_()
        with torch.enable_grad():
            gradient = torch.autograd.grad(density.energy(noisy).sum(), noisy, create_graph=True)[0]
        return LossOutput(denoising_errors(gradient, noise, self.sigma).mean(), {}, len(x), len(x))

    def tilt_equations(self, model: Generalized, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Return :func:`~ebmbench.training.losses.tilt_equations.denoising` at ``x`` with newly drawn noise."""
        noise = normal_like(x, generator)
        return denoising(model, x + self.sigma * noise, noise, self.sigma)


def denoising_errors(gradient: Tensor, noise: Tensor, sigma: float | Tensor) -> Tensor:
    """Compute 1/2 |sigma gradient - noise|^2 for each example, ``(N,)``.

    ``gradient, noise: (N, D)``; ``sigma`` is a number or ``(N, 1)``.
    """
    return 0.5 * (sigma * gradient - noise).square().sum(-1)
