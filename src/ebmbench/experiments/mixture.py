"""Two unit Gaussians with an unknown mixing weight: exact values of several losses in one dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

#: number of quadrature points, and standard deviations by which they extend beyond the means
POINTS, REACH = 4001, 9.0


@dataclass(frozen=True)
class LineMixture:
    """p(x) = r N(x; -a, 1) + (1 - r) N(x; a, 1): ``weight`` r, ``half_gap`` a."""

    weight: float = 0.2
    half_gap: float = 5.0

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n,)`` samples, float64."""
        left = torch.rand(n, generator=generator, dtype=torch.float64) < self.weight
        noise = torch.randn(n, generator=generator, dtype=torch.float64)
        return torch.where(left, -self.half_gap, self.half_gap) + noise


def log_density(x: Tensor, weights: Tensor, half_gap: float, variance: float = 1.0) -> Tensor:
    """Compute log( r N(x; -a, v) + (1 - r) N(x; a, v) ) for ``x: (...)`` and ``weights: (R,)`` -> ``(R, ...)``.

    With v = 1 + t it is the density convolved with N(0, t).
    """
    left, right = (-0.5 * (x - centre).square() / variance for centre in (-half_gap, half_gap))
    shape = (-1, *[1] * x.ndim)
    log_r, log_s = weights.log().reshape(shape), torch.log1p(-weights).reshape(shape)
    return torch.logaddexp(log_r + left, log_s + right) - 0.5 * math.log(2 * math.pi * variance)


def score(x: Tensor, weights: Tensor, half_gap: float) -> Tensor:
    """Compute d/dx log p_r(x), ``(R, ...)``: a - x minus 2 a times the left component's probability given x."""
    shape = (-1, *[1] * x.ndim)
    odds = torch.logit(weights).reshape(shape) - 2 * half_gap * x
    return half_gap - x - 2 * half_gap * torch.sigmoid(odds)


def expected_nll(truth: LineMixture, weights: Tensor, variance: float = 1.0) -> Tensor:
    """Compute -E log p_r(x) under the truth, both convolved to ``variance``, in nats: ``(R,)``."""
    x, mass = _rule(truth, variance)
    return -(mass * log_density(x, weights, truth.half_gap, variance)).sum(-1)


def fisher_divergence(truth: LineMixture, weights: Tensor) -> Tensor:
    """Compute 1/2 E |d/dx log p_r - d/dx log p|^2 under the truth: ``(R,)``. Small, but not zero."""
    x, mass = _rule(truth, 1.0)
    own = score(x, torch.tensor([truth.weight], dtype=torch.float64), truth.half_gap)
    return 0.5 * (mass * (score(x, weights, truth.half_gap) - own).square()).sum(-1)


def energy_discrepancy(truth: LineMixture, weights: Tensor, t: float) -> Tensor:
    """Compute E[U_r(x)] - E[U_r,t(y)], U_r,t = -log of p_r convolved with N(0, t), in nats: ``(R,)``.

    Both potentials are Gaussian mixtures, so the only integral is over x or y (Schröder et al. 2023).
    """
    return expected_nll(truth, weights) - expected_nll(truth, weights, 1.0 + t)


def shifted(curve: Tensor) -> Tensor:
    """Return ``curve`` minus its minimum."""
    return curve - curve.min()


def _rule(truth: LineMixture, variance: float) -> tuple[Tensor, Tensor]:
    """Return points and masses of a midpoint rule for the truth convolved to ``variance``; the masses sum to one."""
    half = truth.half_gap + REACH * math.sqrt(variance)
    x = half * ((2 * torch.arange(POINTS, dtype=torch.float64) + 1) / POINTS - 1)
    own = torch.tensor([truth.weight], dtype=torch.float64)
    density = log_density(x, own, truth.half_gap, variance)[0].exp()
    return x, density * (2 * half / POINTS)
