"""Laws on a line, and what each loss makes of a tilt's natural parameters there: all by sums on a grid."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.tilting import project

#: standard deviations of the perturbation by which a grid of perturbed points reaches beyond the line
BEYOND = 7.0

#: points of that grid a standard deviation of the perturbation
FINE = 3.0

#: Newton steps of energy discrepancy, and the gradient at which they end
STEPS, CLOSE = 100, 1e-11


class Line(NamedTuple):
    """n cells of width ``h`` at ``x: (n,)``: ``log_q: (n,)`` the data's log-density, float64.

    The model is proportional to exp(-U + <eta, T>): ``U, U_slope: (n,)``, an energy and its derivative;
    ``T, T_slope, T_bend: (n, K)``, statistics and their derivatives.
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
        """The model's log-mass in each cell."""
        tilted = -self.U + self.T @ eta
        return tilted - tilted.logsumexp(0)


class Fit(NamedTuple):
    """Natural parameters ``eta: (K,)``, the model's ``mismatch: (K,)`` and its KL divergence from the data, in nats.

    mismatch = (E_p T - E_q T) / sd_q T.
    """

    eta: Tensor
    mismatch: Tensor
    kl: float


def judged(line: Line, eta: Tensor) -> Fit:
    """What a model with these natural parameters is like."""
    q, log_p = line.q, line.log_p(eta)
    mean = q @ line.T
    spread = (q @ (line.T - mean).square()).sqrt()
    kl = float((q * (line.log_q - line.log_q.logsumexp(0) - log_p)).sum())
    return Fit(eta, (log_p.exp() @ line.T - mean) / spread, kl)


def maximum_likelihood(line: Line) -> Tensor:
    """eta with E_p T = E_q T."""
    return project(line.T, -line.U, line.q @ line.T).eta


def score_matching(line: Line, q: Tensor | None = None) -> Tensor:
    """eta = -E_q[T' T'^t]^-1 E_q[T'' - T' U'], for the loss is quadratic in eta (Hyvarinen 2005).

    ``q``: another law than the data's, ``(n,)``.
    """
    q = line.q if q is None else q
    gram = line.T_slope.T @ (q[:, None] * line.T_slope)
    return -torch.linalg.solve(gram, q @ (line.T_bend - line.T_slope * line.U_slope[:, None]))


def denoising_score_matching(line: Line, sigma: float) -> Tensor:
    """:func:`score_matching` of the data perturbed by N(0, sigma^2), a standard deviation."""
    kernel = torch.exp(-0.5 * ((line.x[:, None] - line.x) / sigma).square())
    perturbed = (kernel / kernel.sum(0)) @ line.q
    return score_matching(line, perturbed / perturbed.sum())


def energy_discrepancy(line: Line, t: float) -> Tensor:
    """eta that makes E_q[U] + E_y log int N(y; x, t) exp(-U(x)) dx least, y ~ N(x, t), x ~ q; ``t`` is a variance.

    Convex in eta: its gradient is E_y E[T | y] - E_q T, its Hessian E_y Cov(T | y), with x | y from the model
    (Schröder et al. 2023). Newton's method.
    """
    log_kernel, weights = _perturbation(line, t)
    mean, eta = line.q @ line.T, line.T.new_zeros(line.T.shape[1])
    for _ in range(STEPS):
        posterior = (log_kernel - line.U + line.T @ eta).softmax(1)
        means = posterior @ line.T
        gradient = weights @ means - mean
        if float(gradient.abs().max()) < CLOSE:
            return eta
        both = line.T[:, :, None] * line.T[:, None]
        second = ((weights @ posterior)[:, None, None] * both).sum(0)
        hessian = second - means.T @ (weights[:, None] * means)
        eta = eta - torch.linalg.solve(hessian, gradient)
    raise ArithmeticError(f"energy discrepancy at t = {t}: Newton's method did not end, gradient {gradient.tolist()}")


def _perturbation(line: Line, t: float) -> tuple[Tensor, Tensor]:
    """log N(y; x, t) up to a constant, ``(m, n)``, and the mass of y under the data, ``(m,)``.

    The grid of y reaches seven standard deviations beyond the line's, or mass would be missing at its ends.
    """
    sd = math.sqrt(t)
    low, high = float(line.x[0]) - BEYOND * sd, float(line.x[-1]) + BEYOND * sd
    step = max(min(line.h, sd / FINE), (high - low) / 4000)
    y = torch.arange(low, high + step, step, dtype=line.x.dtype)
    log_kernel = -0.5 * ((y[:, None] - line.x) / sd).square()
    density = log_kernel.exp() @ line.q
    return log_kernel, density / density.sum()
