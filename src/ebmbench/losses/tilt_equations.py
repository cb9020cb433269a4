"""Losses that are quadratic in the natural parameters of statistics, and where they are least."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor

from ebmbench.families.blocks import score_in_blocks
from ebmbench.families.generalized import Generalized
from ebmbench.families.model import Density


class TiltEquations(NamedTuple):
    """A loss's Hessian ``gram: (K, K)`` and gradient ``slope: (K,)`` in eta: least at eta - gram^-1 slope.

    ``gradients``: at how many points a gradient of the energy in x was needed.
    """

    gram: Tensor
    slope: Tensor
    gradients: int


@runtime_checkable
class QuadraticInTilt(Protocol):
    """A loss that is a quadratic function of eta at a fixed network."""

    def tilt_equations(self, model: Density, x: Tensor, generator: torch.Generator) -> TiltEquations:
        """On the rows ``x: (N, D)``, for a tilted model with K > 0; without a graph."""
        ...


def of_scores(model: Generalized, x: Tensor) -> tuple[Tensor, Tensor]:
    """(J, s): J = dT~/dx ``(N, K, D)`` of the standardised statistics, s = grad log p~ ``(N, D)``, at ``x: (N, D)``."""
    score = score_in_blocks(model, x)
    jacobian = model.statistic.gradient(x.to(model.eta.dtype)) / model.scale[:, None]
    return jacobian.detach(), score.to(jacobian)


def explicit(model: Generalized, x: Tensor) -> TiltEquations:
    """Of explicit score matching: G = E[J J'], slope = E[J s + Laplacian of T~]   (Hyvarinen 2005)."""
    jacobian, score = of_scores(model, x)
    laplacian = (model.statistic.laplacian(x.to(model.eta.dtype)) / model.scale).detach()
    slope = (torch.einsum("nkd,nd->nk", jacobian, score) + laplacian).mean(0)
    return TiltEquations(_gram(jacobian), slope, len(x))


def denoising(model: Generalized, noisy: Tensor, noise: Tensor, sigma: float) -> TiltEquations:
    """Of denoising score matching, 1/2 |sigma s + e|^2 at y = x + sigma e: sigma^2 E[J J'], sigma E[J (sigma s + e)].

    No Laplacian of T is needed: at y the law is the perturbed data's (Vincent 2011).
    """
    jacobian, score = of_scores(model, noisy)
    slope = sigma * torch.einsum("nkd,nd->k", jacobian, sigma * score + noise.to(score)) / len(noisy)
    return TiltEquations(sigma**2 * _gram(jacobian), slope, len(noisy))


def _gram(jacobian: Tensor) -> Tensor:
    n, k, d = jacobian.shape
    flat = jacobian.transpose(0, 1).reshape(k, n * d)
    return flat @ flat.T / n
