"""Losses on a line and the slopes that theory gives them, each by a sum of its own: a second opinion for tests.

Every loss is a function of natural parameters; every slope is E_q[(K - I) T], K a kernel that leaves the model alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.experiments.line import DensityOnLine


def standardised(line: DensityOnLine) -> DensityOnLine:
    """The same distribution with statistics of mean 0 and variance 1 under the data."""
    mean = line.q @ line.T
    sd = (line.q @ (line.T - mean).square()).sqrt()
    return line._replace(T=(line.T - mean) / sd, T_slope=line.T_slope / sd, T_bend=line.T_bend / sd)


def draws(count: int, size: int, seed: int = 1) -> Tensor:
    """``(count, size)`` natural parameters, normal with standard deviation .6."""
    return 0.6 * torch.randn(count, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def gaussian(line: DensityOnLine, mean: float, sd: float) -> Tensor:
    """log N(x; mean, sd^2) up to a constant."""
    return -0.5 * ((line.x - mean) / sd).square()


def likelihood(line: DensityOnLine):
    """-E_q log p, and the slope of a jump to the model."""
    return lambda eta: -line.q @ line.log_p(eta), lambda eta: line.log_p(eta).exp() @ line.T - line.q @ line.T


def score_matching(line: DensityOnLine, q: Tensor | None = None):
    """E_q[ s^2 / 2 + s' ] up to E_q U'', and the slope of an infinitesimal Langevin step: E_q[T' s + T'']."""
    q = line.q if q is None else q

    def score(eta):
        return line.T_slope @ eta - line.U_slope

    return (
        lambda eta: q @ (0.5 * score(eta).square() + line.T_bend @ eta),
        lambda eta: q @ (line.T_slope * score(eta)[:, None] + line.T_bend),
    )


def denoising(line: DensityOnLine, sigma: float):
    """E[ (s(y) + (y - x) / sigma^2)^2 ] / 2, y ~ N(x, sigma^2), by a double sum, and score matching's slope at y."""
    apart = line.x[:, None] - line.x
    kernel = torch.exp(-0.5 * (apart / sigma).square())
    joint = kernel / kernel.sum(0) * line.q

    def loss(eta):
        return 0.5 * (joint * (line.T_slope @ eta - line.U_slope + apart.T / sigma**2).T.square()).sum()

    return loss, score_matching(line, joint.sum(1))[1]


def noise_and_denoise(line: DensityOnLine, t: float):
    """E_q U - E_y U_t(y), and the slope of y ~ N(x, t), then x' from the model given y; both on the line's own grid."""
    log_kernel = -0.5 * (line.x[:, None] - line.x).square() / t
    kernel = (log_kernel - log_kernel.logsumexp(0)).exp()

    def loss(eta):
        energy = line.U - line.T @ eta
        return line.q @ energy + (kernel @ line.q) @ (log_kernel - energy).logsumexp(1)

    def slope(eta):
        posterior = (log_kernel - line.U + line.T @ eta).softmax(1)
        return (line.q @ kernel.T) @ posterior @ line.T - line.q @ line.T

    return loss, slope


def one_negative(line: DensityOnLine, t: float, w: float):
    """E log(w + exp(U(x) - U(x'))), x' ~ N(x, 2t), by a double sum; chosen is x' with odds p(x') : w p(x)."""
    log_kernel = -0.25 * (line.x[:, None] - line.x).square() / t
    joint = line.q[:, None] * (log_kernel.exp() * line.h / math.sqrt(4 * math.pi * t))

    def odds(eta):
        log_p = line.T @ eta - line.U
        return log_p - log_p[:, None] - math.log(w)

    def slope(eta):
        moved = joint * torch.sigmoid(odds(eta))
        return moved.sum(0) @ line.T - moved.sum(1) @ line.T

    return lambda eta: (joint * (math.log(w) + softplus(odds(eta)))).sum(), slope


def noise_contrast(line: DensityOnLine, log_noise: Tensor, k: float):
    """Logistic loss of (eta, c), and its slope sum (p - q) a (T, 1), a = k n / (p + k n), p with its own constant."""
    n = log_noise.softmax(0)

    def p(both):
        return (line.T @ both[:-1] - line.U + both[-1]).exp()

    def loss(both):
        return -line.q @ torch.log(p(both) / (p(both) + k * n)) - k * n @ torch.log(k * n / (p(both) + k * n))

    def slope(both):
        weighed = (p(both) - line.q) * k * n / (p(both) + k * n)
        return weighed @ torch.cat([line.T, torch.ones_like(line.T[:, :1])], 1)

    return loss, slope


def kale(line: DensityOnLine, log_base: Tensor):
    """-F(eta, c) = E_q[E + c] + E_b exp(-E - c) - 1, E = U - <eta, T> on the base b, and its slope."""
    base = log_base.softmax(0)

    def energy(both):
        return line.U - line.T @ both[:-1] + both[-1]

    def loss(both):
        return line.q @ energy(both) + base @ (-energy(both)).exp() - 1

    def slope(both):
        weighed = base * (-energy(both)).exp() - line.q
        return torch.cat([weighed @ line.T, -weighed.sum()[None]])

    return loss, slope
