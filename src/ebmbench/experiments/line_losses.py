"""Losses on a line as functions of a tilt's natural parameters, by sums on a grid."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.experiments.line import DensityOnLine
from ebmbench.experiments.newton import Loss

#: standard deviations of the perturbation by which a grid of perturbed points reaches beyond the line
BEYOND = 7.0

#: points of that grid a standard deviation of the perturbation, or one a cell of the line where those are fewer
FINE = 3.0

#: nodes of the integral over log v: where they begin, how far apart they are, where they end for w > 0 and for w = 0
FIRST, STEP, LAST, LAST_UNSTABILISED = -34.0, 0.4, 150.0, 400.0


def energy_discrepancy(line: DensityOnLine, t: float) -> Loss:
    """E_q U_eta(x) + E_y log int N(y; x, t) exp(-U_eta(x)) dx, U_eta = U - <eta, T>, y ~ N(x, t); ``t`` is a variance.

    Its gradient is E_y E[T | y] - E_q T, its Hessian E_y Cov(T | y), with x | y from the model (Schröder et al. 2023).
    """
    log_kernel = _log_kernel(line, t)
    weights = log_kernel.exp() @ line.q
    weights, mean = weights / weights.sum(), line.q @ line.T
    energy = line.q @ line.U

    def loss(eta: Tensor) -> Tensor:
        return energy - mean @ eta + weights @ (log_kernel - line.U + line.T @ eta).logsumexp(1)

    return loss


def sampled_discrepancy(line: DensityOnLine, t: float, M: int, w: float) -> Loss:
    """E log( w/M + 1/M sum_j exp(U_eta(x) - U_eta(x_j)) ) over x ~ q, y ~ N(x, t) and M negatives x_j ~ N(y, t).

    The loss of :class:`ebmbench.training.losses.ed.EnergyDiscrepancy` without its noise: with a = exp(-U_eta), by
    Frullani's integral log s = int_0^inf (exp(-u) - exp(-s u)) du / u at u = v a(x), it is

        E_y int_0^inf ( E[exp(-v a(x)) | y] - E[exp(-w v a(x)) | y] E[exp(-v a(x_1)) | y]^M ) dv / v - log M.

    The integral is a sum over equidistant log v. Negatives beyond the line count as of infinite energy.
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
    """E_q softplus(-G) + k E_n softplus(G) of (eta, c), ``(K + 1,)``, G = <eta, T> - U + c - log n - log k.

    ``log_noise: (n,)``, log n up to a constant; ``k``: noise points a row. c is the learnt -log Z, for masses of cells.
    At the least value E_q[F a] = E_p[F a] for F = T and F = 1, a = k n / (p + k n) (Gutmann and Hyvarinen 2010).
    """
    log_n = log_noise - log_noise.logsumexp(0)

    def loss(both: Tensor) -> Tensor:
        odds = line.T @ both[:-1] - line.U + both[-1] - log_n - math.log(k)
        return line.q @ softplus(-odds) + k * (log_n.exp() @ softplus(odds))

    return loss


def _log_kernel(line: DensityOnLine, t: float) -> Tensor:
    """log N(y; x, t) up to a constant, ``(m, n)``; raises ``ValueError`` where a cell is wider than sqrt(t).

    The grid of y reaches seven standard deviations beyond the line's, or mass would be missing at its ends.
    """
    sd = math.sqrt(t)
    if line.h > sd:
        raise ValueError(f"t = {t:g} is too small for cells of width {line.h:.3g}; allowed: {line.h**2:.3g} or more")
    low, high, step = float(line.x[0]) - BEYOND * sd, float(line.x[-1]) + BEYOND * sd, max(sd / FINE, line.h)
    y = torch.arange(low, high + step, step, dtype=line.x.dtype)
    return -0.5 * ((y[:, None] - line.x) / sd).square()


def _one_less(log_s: Tensor) -> Tensor:
    """1 - exp(-s), whose derivatives are 0 where s is huge."""
    return -torch.expm1(-log_s.clamp(max=20).exp())
