"""Linear equations for natural parameters, for losses that are quadratic in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.models.blocks import gradient
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.training.losses.densities import density_of


class TiltEquations(NamedTuple):
    """Hessian and gradient of a loss in eta, in L independent blocks; the minimum is at eta_l - gram_l^-1 slope_l.

    ``gram: (L, K, K)``, ``slope: (L, K)``. ``gradients``: number of points at which a gradient of the energy in x was
    needed.
    """

    gram: Tensor
    slope: Tensor
    gradients: int


class QuadraticInTilt(ABC):
    """A loss that is quadratic in the natural parameters for a fixed network."""

    def solved(self, model: Generalized) -> list[nn.Parameter]:
        """Return the parameters whose rows are the blocks of the equations, in order; none if there are no equations.

        By default this is the density's eta alone.
        """
        return [model.eta]

    @abstractmethod
    def tilt_equations(self, model: Generalized, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """Compute the equations on ``x: (N, D)``, for a tilted model with K > 0; without a graph."""


class Scores(NamedTuple):
    """J = dT~/dx ``(N, K, D)`` of the standardised statistics and s = grad log p~ ``(N, D)``, at N points."""

    jacobian: Tensor
    score: Tensor


def of_scores(model: Generalized, energy: Callable[[Tensor], Tensor], x: Tensor) -> Scores:
    """Compute J and s at ``x: (N, D)``, s that of an ``energy`` of the model, ``(N, D)`` -> ``(N,)``."""
    score = -gradient(energy, x)
    jacobian = model.statistic.gradient(x.to(model.eta.dtype)) / model.scale[:, None]
    return Scores(jacobian.detach(), score.to(jacobian))


def explicit(model: Generalized, x: Tensor) -> TiltEquations:
    """Compute the equations of explicit score matching   (Hyvarinen 2005).

    G = E[J J'], slope = E[J s + Laplacian of T~].
    """
    jacobian, score = of_scores(model, density_of(model).energy, x)
    laplacian = (model.statistic.laplacian(x.to(model.eta.dtype)) / model.scale).detach()
    slope = (torch.einsum("nkd,nd->nk", jacobian, score) + laplacian).mean(0)
    return TiltEquations(_gram(jacobian)[None] / len(x), slope[None], len(x))


def denoising(model: Generalized, noisy: Tensor, noise: Tensor, sigma: float) -> TiltEquations:
    """Compute the equations of denoising score matching, 1/2 |sigma s + e|^2 at y = x + sigma e   (Vincent 2011).

    G = sigma^2 E[J J'], slope = sigma E[J (sigma s + e)]. No Laplacian of T is needed: y follows the perturbed data's
    distribution.
    """
    gram, slope = _sums(of_scores(model, density_of(model).energy, noisy), noise, sigma)
    return TiltEquations(gram[None] / len(noisy), slope[None] / len(noisy), len(noisy))


def denoising_at_levels(model: TiltedAtLevels, noisy: Tensor, noise: Tensor, level: Tensor) -> TiltEquations:
    """Compute :func:`denoising` for the eta of each level, from its own part of the N examples; means are over all N.

    ``level: (N,)``, the index of each example's level in the model's ``sigmas``. At sigma_l the data distribution is
    convolved with N(0, sigma_l^2 I); the solution satisfies E[J (s - s_l)] = 0 there, s_l the score of that
    distribution.
    """
    sigma = model.sigmas[level]
    jacobian, score = of_scores(model, lambda y: model.energy_at(y, sigma), noisy)
    blocks = []
    for place in range(len(model.sigmas)):
        own = level == place
        blocks.append(_sums(Scores(jacobian[own], score[own]), noise[own], model.sigmas[place]))
    gram, slope = (torch.stack(parts) / len(noisy) for parts in zip(*blocks, strict=True))
    return TiltEquations(gram, slope, len(noisy))


def _sums(at: Scores, noise: Tensor, sigma: float | Tensor) -> tuple[Tensor, Tensor]:
    """Compute sigma^2 sum_i J_i J_i' and sigma sum_i J_i (sigma s_i + e_i)."""
    errors = sigma * at.score + noise.to(at.score)
    return sigma**2 * _gram(at.jacobian), sigma * torch.einsum("nkd,nd->k", at.jacobian, errors)


def _gram(jacobian: Tensor) -> Tensor:
    """Compute sum_i J_i J_i', ``(N, K, D)`` -> ``(K, K)``."""
    n, k, d = jacobian.shape
    flat = jacobian.transpose(0, 1).reshape(k, n * d)
    return flat @ flat.T
