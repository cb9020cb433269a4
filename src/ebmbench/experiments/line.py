"""Distributions on a line, and a tilt's natural parameters by score matching and maximum likelihood.

All by sums on a grid. Losses whose minimum has no closed form are in :mod:`ebmbench.experiments.line_losses`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.inference.exponential_tilting import project


class DensityOnLine(NamedTuple):
    """A data density and a model on n cells of width ``h`` at ``x: (n,)``.

    ``log_q: (n,)`` is the data's log-density, float64. The model is proportional to exp(-U + <eta, T>):
    ``U, U_slope: (n,)``, an energy and its derivative; ``T, T_slope, T_bend: (n, K)``, statistics and their
    derivatives.
    """

    x: Tensor
    h: float
    log_q: Tensor
    U: Tensor
    U_slope: Tensor
    T: Tensor
    T_slope: Tensor
    T_bend: Tensor

    @property
    def q(self) -> Tensor:
        """The data's mass in each cell, adding to 1."""
        return (self.log_q - self.log_q.logsumexp(0)).exp()

    def log_p(self, eta: Tensor) -> Tensor:
        """Compute the model's log-mass in each cell."""
        tilted = -self.U + self.T @ eta
        return tilted - tilted.logsumexp(0)


class Fit(NamedTuple):
    """Natural parameters ``eta: (K,)``, the model's ``mismatch: (K,)`` and its KL divergence from the data, in nats.

    mismatch = (E_p T - E_q T) / sd_q T.
    """

    eta: Tensor
    mismatch: Tensor
    kl: float


def judged(line: DensityOnLine, eta: Tensor) -> Fit:
    """Compute mismatch and KL of the model with natural parameters ``eta: (K,)``."""
    q, log_p = line.q, line.log_p(eta)
    mean = q @ line.T
    spread = (q @ (line.T - mean).square()).sqrt()
    kl = float((q * (line.log_q - line.log_q.logsumexp(0) - log_p)).sum())
    return Fit(eta, (log_p.exp() @ line.T - mean) / spread, kl)


def maximum_likelihood(line: DensityOnLine) -> Tensor:
    """Compute eta with E_p T = E_q T."""
    return project(line.T, -line.U, line.q @ line.T).eta


def score_matching(line: DensityOnLine, q: Tensor | None = None) -> Tensor:
    """Compute eta = -E_q[T' T'^t]^-1 E_q[T'' - T' U'], the minimiser of a loss quadratic in eta (Hyvarinen 2005).

    ``q``: a distribution to use instead of the data's, ``(n,)``.
    """
    q = line.q if q is None else q
    gram = line.T_slope.T @ (q[:, None] * line.T_slope)
    return -torch.linalg.solve(gram, q @ (line.T_bend - line.T_slope * line.U_slope[:, None]))


def denoising_score_matching(line: DensityOnLine, sigma: float) -> Tensor:
    """Compute :func:`score_matching` for the data perturbed by N(0, sigma^2); ``sigma`` is a standard deviation."""
    kernel = torch.exp(-0.5 * ((line.x[:, None] - line.x) / sigma).square())
    perturbed = (kernel / kernel.sum(0)) @ line.q
    return score_matching(line, perturbed / perturbed.sum())
