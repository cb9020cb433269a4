"""Losses on a line as functions of a tilt's natural parameters, by sums on a grid."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.experiments.line import DensityOnLine
from ebmbench.experiments.newton import Loss

#: standard deviations of the perturbation by which the grid of perturbed points extends beyond the line
BEYOND = 7.0

#: points of that grid per standard deviation of the perturbation, but at most one per cell of the line
FINE = 3.0

#: nodes of the integral over log v: first node, spacing, and last node for w > 0 and for w = 0
FIRST, STEP, LAST, LAST_UNSTABILISED = -34.0, 0.4, 150.0, 400.0


def energy_discrepancy(line: DensityOnLine, t: float) -> Loss:
    """Return the function E_q U_eta(x) + E_y log int N(y; x, t) exp(-U_eta(x)) dx of eta, y ~ N(x, t).

    U_eta = U - <eta, T>; ``t`` is a variance. The gradient is E_y E[T | y] - E_q T, the Hessian E_y Cov(T | y), with
    x | y from the model (Schröder et al. 2023).
    """
    log_kernel = _log_kernel(line, t)
    weights = log_kernel.exp() @ line.q
    weights, mean = weights / weights.sum(), line.q @ line.T
    energy = line.q @ line.U

    def loss(eta: Tensor) -> Tensor:
        return energy - mean @ eta + weights @ (log_kernel - line.U + line.T @ eta).logsumexp(1)

    return loss


def sampled_discrepancy(line: DensityOnLine, t: float, M: int, w: float) -> Loss:
    """Return E log( w/M + 1/M sum_j exp(U_eta(x) - U_eta(x_j)) ) over x ~ q, y ~ N(x, t) and M negatives x_j ~ N(y, t).

    It is the expectation of the loss :class:`ebmbench.training.losses.ed.EnergyDiscrepancy`. With a = exp(-U_eta) and
    Frullani's integral log s = int_0^inf (exp(-u) - exp(-s u)) du / u at u = v a(x), it equals

        E_y int_0^inf ( E[exp(-v a(x)) | y] - E[exp(-w v a(x)) | y] E[exp(-v a(x_1)) | y]^M ) dv / v - log M.

    The integral is a sum over equidistant log v. Negatives beyond the line have infinite energy.
    """
    sd = math.sqrt(t)
    kernel = _log_kernel(line, t).exp() * (line.h / (sd * math.sqrt(2 * math.pi)))
    rows = kernel * line.q
    seen = rows.sum(1) > torch.finfo(rows.dtype).eps ** 2
    kernel, rows = kernel[seen], rows[seen] / rows.sum()
    nodes = torch.arange(FIRST, LAST if w > 0 else LAST_UNSTABILISED, STEP, dtype=rows.dtype)

    def loss(eta: Tensor) -> Tensor:
        log_a = -line.U + line.T @ eta
        log_va = nodes + (log_a - log_a.detach().max())[:, None]
        one = _one_less(log_va)
        stabiliser = rows @ _one_less(log_va + math.log(w)) if w > 0 else torch.zeros_like(kernel @ one)
        others = (1 - kernel @ one).clamp(min=0) ** M
        mass = rows.sum(1, keepdim=True)
        return STEP * (mass - rows @ one - (mass - stabiliser) * others).sum() - math.log(M)

    return loss


def noise_contrast(line: DensityOnLine, log_noise: Tensor, k: float) -> Loss:
    """Return E_q softplus(-G) + k E_n softplus(G) as a function of (eta, c), ``(K + 1,)``.

    G = <eta, T> - U + c - log n - log k. ``log_noise: (n,)``, log n up to a constant; ``k``: noise points per data
    point. c is the learnt -log Z, for masses of cells. At the minimum E_q[F a] = E_p[F a] for F = T and F = 1, with
    a = k n / (p + k n) (Gutmann and Hyvarinen 2010).
    """
    log_n = log_noise - log_noise.logsumexp(0)

    def loss(both: Tensor) -> Tensor:
        odds = line.T @ both[:-1] - line.U + both[-1] - log_n - math.log(k)
        return line.q @ softplus(-odds) + k * (log_n.exp() @ softplus(odds))

    return loss


def _log_kernel(line: DensityOnLine, t: float) -> Tensor:
    """Compute log N(y; x, t) up to a constant, ``(m, n)``; raises ``ValueError`` if a cell is wider than sqrt(t).

    The grid of y extends seven standard deviations beyond the line on both sides, so that no mass is lost at its ends.
    """
    sd = math.sqrt(t)
    if line.h > sd:
        raise ValueError(f"t = {t:g} is too small for cells of width {line.h:.3g}; allowed: {line.h**2:.3g} or more")
    low, high, step = float(line.x[0]) - BEYOND * sd, float(line.x[-1]) + BEYOND * sd, max(sd / FINE, line.h)
    y = torch.arange(low, high + step, step, dtype=line.x.dtype)
    return -0.5 * ((y[:, None] - line.x) / sd).square()


def _one_less(log_s: Tensor) -> Tensor:
    """Compute 1 - exp(-s), with derivatives of 0 for huge s."""
    return -torch.expm1(-log_s.clamp(max=20).exp())
