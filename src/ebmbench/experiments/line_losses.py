"""Losses on a line as functions of a tilt's natural parameters, by sums on a grid, and where they are least."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.experiments.line import Line

#: natural parameters ``(K,)`` -> ``()``, in nats; convex and twice differentiable
Loss = Callable[[Tensor], Tensor]

#: standard deviations of the perturbation by which a grid of perturbed points reaches beyond the line
BEYOND = 7.0

#: points of that grid a standard deviation of the perturbation
FINE = 3.0

#: Newton steps, half steps within one, and the gradient at which they end: at once, or where rounding stops them
STEPS, HALVINGS, CLOSE, ROUNDED = 60, 40, 1e-11, 1e-7

#: nats that a step may promise: a loss that falls further has no least value
FAR = 1e4

#: nodes of the integral over log v: where they begin, how far apart they are, where they end for w > 0 and for w = 0
FIRST, STEP, LAST, LAST_UNSTABILISED = -34.0, 0.4, 150.0, 400.0


def energy_discrepancy(line: Line, t: float) -> Loss:
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


def sampled_discrepancy(line: Line, t: float, M: int, w: float) -> Loss:
    """E log( w/M + 1/M sum_j exp(U_eta(x) - U_eta(x_j)) ) over x ~ q, y ~ N(x, t) and M negatives x_j ~ N(y, t).

    The loss of :class:`ebmbench.losses.ed.EnergyDiscrepancy` without its noise: with a = exp(-U_eta), by Frullani's
    integral log s = int_0^inf (exp(-u) - exp(-s u)) du / u at u = v a(x), it is

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


def noise_contrast(line: Line, log_noise: Tensor, k: float) -> Loss:
    """E_q softplus(-G) + k E_n softplus(G) of (eta, c), ``(K + 1,)``, G = <eta, T> - U + c - log n - log k.

    ``log_noise: (n,)``, log n up to a constant; ``k``: noise points a row. c is the learnt -log Z, for masses of cells.
    At the least value E_q[F a] = E_p[F a] for F = T and F = 1, a = k n / (p + k n) (Gutmann and Hyvarinen 2010).
    """
    log_n = log_noise - log_noise.logsumexp(0)

    def loss(both: Tensor) -> Tensor:
        odds = line.T @ both[:-1] - line.U + both[-1] - log_n - math.log(k)
        return line.q @ softplus(-odds) + k * (log_n.exp() @ softplus(odds))

    return loss


class Expansion(NamedTuple):
    """A loss at ``eta: (K,)``: its ``value: ()``, its ``gradient: (K,)`` and its ``curvature: (K, K)``, the Hessian."""

    eta: Tensor
    value: Tensor
    gradient: Tensor
    curvature: Tensor


def expanded(loss: Loss, eta: Tensor) -> Expansion:
    """The loss, its gradient and its Hessian at ``eta: (K,)``."""
    with torch.enable_grad():
        point = eta.detach().clone().requires_grad_()
        value = loss(point)
        (gradient,) = torch.autograd.grad(value, point, create_graph=True)
        rows = [torch.autograd.grad(one, point, retain_graph=True)[0] for one in gradient]
    return Expansion(eta, value.detach(), gradient.detach(), torch.stack(rows))


def least(loss: Loss, start: Tensor) -> Tensor:
    """Where a convex loss is least, by Newton's method with halved steps from ``start: (K,)``.

    Raises ``ArithmeticError`` where it falls without end, or where no least value is found.
    """
    here = expanded(loss, start)
    for _ in range(STEPS):
        there = _further(loss, here) if float(here.gradient.abs().max()) > CLOSE else None
        if there is None:
            break
        here = there
    if float(here.gradient.abs().max()) > ROUNDED:
        raise ArithmeticError(f"no least value was found in {STEPS} steps")
    return here.eta


def _further(loss: Loss, here: Expansion) -> Expansion | None:
    """Where the first of Newton's halved steps leads that goes down enough, or the whole one if it halves the gradient.

    None where none does: near the end rounding hides how far down it goes. Raises ``ArithmeticError`` where the loss
    falls without end.
    """
    root, failed = torch.linalg.cholesky_ex(here.curvature)
    direction = -torch.cholesky_solve(here.gradient[:, None], root)[:, 0]
    slope = float(here.gradient @ direction)
    if failed or not slope > -FAR:
        raise ArithmeticError("the loss has no least value")
    for halving in range(HALVINGS):
        share = 0.5**halving
        there = expanded(loss, here.eta + share * direction)
        flatter = float(there.gradient.abs().max()) < 0.5 * float(here.gradient.abs().max())
        if there.value <= here.value + 1e-4 * share * slope or (halving == 0 and flatter):
            return there
    return None


def _log_kernel(line: Line, t: float) -> Tensor:
    """log N(y; x, t) up to a constant, ``(m, n)``; raises ``ValueError`` where a cell is wider than sqrt(t).

    The grid of y reaches seven standard deviations beyond the line's, or mass would be missing at its ends.
    """
    sd = math.sqrt(t)
    if line.h > sd:
        raise ValueError(f"t = {t:g} is too small for cells of width {line.h:.3g}; allowed: {line.h**2:.3g} or more")
    low, high = float(line.x[0]) - BEYOND * sd, float(line.x[-1]) + BEYOND * sd
    y = torch.arange(low, high + sd / FINE, sd / FINE, dtype=line.x.dtype)
    return -0.5 * ((y[:, None] - line.x) / sd).square()


def _one_less(log_s: Tensor) -> Tensor:
    """1 - exp(-s), whose derivatives are 0 where s is huge."""
    return -torch.expm1(-log_s.clamp(max=20).exp())
