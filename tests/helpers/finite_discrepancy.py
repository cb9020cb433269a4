"""Energy discrepancy on finitely many points, by summation: exact there, and a midpoint rule for a line."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def discrepancy(p: Tensor, q: Tensor, u: Tensor) -> Tensor:
    """ED_q = sum_x p(x) u(x) - sum_xy p(x) q(y|x) u_q(y), u_q(y) = -log sum_x q(y|x) exp(-u(x)).

    ``p, u: (n,)``; ``q: (n, m)`` holds q(y|x) in row x, column y; differentiable in u.
    """
    return p @ u - p @ q @ -_joint(q, u).logsumexp(0)


def posterior(q: Tensor, u: Tensor) -> Tensor:
    """p_u(z|y) = q(y|z) exp(-u(z)) / sum_x q(y|x) exp(-u(x)): ``(n, m)``, its columns sum to one."""
    return _joint(q, u).softmax(0)


def relative_entropy(p: Tensor, r: Tensor) -> Tensor:
    """KL(p || r) of two vectors of probabilities."""
    return torch.special.xlogy(p, p).sum() - torch.special.xlogy(p, r).sum()


def midpoints(half: float, n: int) -> Tensor:
    """The centres of n equal cells of [-half, half]."""
    return half * ((2 * torch.arange(n, dtype=torch.float64) + 1) / n - 1)


def gaussian_channel(x: Tensor, mean: Tensor, variance: float) -> Tensor:
    """N(y; mean(x), variance) times the cell's width, for y on the midpoints ``x: (n,)``: ``(n, n)``."""
    width = float(x[1] - x[0])
    return width * (-0.5 * (x - mean[:, None]).square() / variance).exp() / math.sqrt(2 * math.pi * variance)


def _joint(q: Tensor, u: Tensor) -> Tensor:
    return q.log() - u[:, None]
