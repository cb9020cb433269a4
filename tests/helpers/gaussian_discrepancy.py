"""Energy discrepancy of a Gaussian and a quadratic energy, and the losses that it lies between, in closed form."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Gaussians(NamedTuple):
    """Data N(m, S) and energy U(x) = 1/2 (x - mu)' P (x - mu), whose distribution is N(mu, P^-1).

    ``m, mu: (D,)``, ``S, P: (D, D)``, float64. S may be singular wherever no entropy is asked for.
    """

    m: Tensor
    S: Tensor
    mu: Tensor
    P: Tensor

    def energy(self, x: Tensor) -> Tensor:
        """U at ``x: (..., D)``."""
        centred = x - self.mu
        return 0.5 * ((centred @ self.P) * centred).sum(-1)

    def rows(self, n: int, stream: torch.Generator) -> Tensor:
        """``(n, D)`` draws of the data."""
        noise = torch.randn(n, len(self.m), generator=stream, dtype=torch.float64)
        return self.m + noise @ torch.linalg.cholesky(self.S).T

    def convolved(self, t: float) -> Gaussians:
        """N(m, S + t I) and the energy of N(mu, P^-1 + t I)."""
        eye = torch.eye(len(self.m), dtype=torch.float64)
        return self._replace(S=self.S + t * eye, P=self.P @ torch.linalg.inv(eye + t * self.P))

    def discrepancy(self, t: float) -> Tensor:
        """ED_t = E U(x) - E U_t(y) = E U - E U^t - 1/2 log det(I + t P), U^t the energy of the convolved model."""
        eye = torch.eye(len(self.m), dtype=torch.float64)
        return self.mean_energy() - self.convolved(t).mean_energy() - 0.5 * torch.logdet(eye + t * self.P)

    def mean_energy(self) -> Tensor:
        """E U(x) under the data."""
        return 0.5 * (self.P * self.S).sum() + self.energy(self.m)

    def score_matching(self) -> Tensor:
        """E[ 1/2 |grad U|^2 - tr grad^2 U ] under the data."""
        slope = self.P @ (self.m - self.mu)
        return 0.5 * (self.P @ self.S @ self.P).trace() + 0.5 * slope.square().sum() - self.P.trace()

    def nll(self) -> Tensor:
        """E U(x) + log Z."""
        return self.mean_energy() + 0.5 * (len(self.m) * math.log(2 * math.pi) - torch.logdet(self.P))

    def entropy(self) -> Tensor:
        """-E log p(x) of the data."""
        return 0.5 * (len(self.m) * math.log(2 * math.pi * math.e) + torch.logdet(self.S))

    def squared_distance(self) -> Tensor:
        """W_2^2 between data and model: |m - mu|^2 + tr(S + V - 2 (V^1/2 S V^1/2)^1/2), V = P^-1."""
        V = torch.linalg.inv(self.P)
        root = _root(V)
        return (self.m - self.mu).square().sum() + (self.S + V - 2 * _root(root @ self.S @ root)).trace()


def on_a_line(m: float, S: float, mu: float, V: float) -> Gaussians:
    """Data N(m, S) and model N(mu, V) in one dimension; S and V are variances."""
    mean, variance, centre, precision = torch.tensor([[m], [S], [mu], [1 / V]], dtype=torch.float64)
    return Gaussians(mean, variance[None], centre, precision[None])


def example(dim: int) -> Gaussians:
    """Correlated data and a correlated energy of another distribution, nothing of either diagonal or centred."""
    lower = torch.tril(torch.ones(dim, dim, dtype=torch.float64))
    steps = torch.arange(1.0, dim + 1, dtype=torch.float64)
    S = 0.4 * lower @ lower.T + 0.5 * torch.eye(dim, dtype=torch.float64)
    P = 0.15 * lower.T @ lower + 0.5 * torch.diag(1 / steps)
    return Gaussians(0.3 * steps, S, -0.2 * steps, P)


def fitted(data: Gaussians) -> Gaussians:
    """The same data with its own energy."""
    return data._replace(mu=data.m, P=torch.linalg.inv(data.S))


def _root(matrix: Tensor) -> Tensor:
    """The symmetric square root."""
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
