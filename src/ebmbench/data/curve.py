"""Densities of noisy curves: p(x) = ∫ w(s) k(x - c(s)) ds along a curve, with k a product over axes.

The integral is a Gauss-Legendre sum over the whole curve. Its nodes are densest at the ends of the curve, where the
integrand falls off fastest; in between, their spacing must be smaller than the width of k. The sum is computed in
log space, so it keeps its relative accuracy where p is as small as exp(-500).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

#: (B,) differences along one axis -> (B,) log-kernel values
LogKernel = Callable[[Tensor], Tensor]

#: elements of the largest temporary, (block, K)
BLOCK = 2**22


class Nodes(NamedTuple):
    """Quadrature nodes: points of the curve ``centre: (K, 2)`` and their log-weights ``log_weight: (K,)``."""

    centre: Tensor
    log_weight: Tensor


def gauss_legendre(low: float, high: float, count: int) -> tuple[Tensor, Tensor]:
    """Return nodes ``(count,)`` and weights ``(count,)`` with sum_i w_i f(s_i) = ∫_low^high f(s) ds."""
    node, weight = np.polynomial.legendre.leggauss(count)
    half = (high - low) / 2
    return low + half * (torch.from_numpy(node) + 1), half * torch.from_numpy(weight)


def log_prob(x: Tensor, nodes: Nodes, kernel: LogKernel) -> Tensor:
    """Compute log sum_i w_i k(x_1 - c_i1) k(x_2 - c_i2) for ``x: (B, 2)`` -> ``(B,)``, float64."""
    rows = max(1, BLOCK // len(nodes.centre))
    return torch.cat([_block(part, nodes, kernel) for part in x.double().split(rows)])


def log_normal(z: Tensor, sd: float) -> Tensor:
    """Compute log N(z; 0, sd²)."""
    return -z.square() / (2 * sd**2) - math.log(sd * math.sqrt(2 * math.pi))


def log_smoothed_uniform(z: Tensor, width: float, sd: float) -> Tensor:
    """Compute the log-density of a uniform variable with Gaussian noise: log [Phi(z/sd) - Phi((z-width)/sd)] / width.

    The variable is u + e, u ~ U(0, width), e ~ N(0, sd²). Both terms are evaluated in the tail where the complement of
    Phi is small, and exp(-b²/2) is factored out of the difference, so nothing cancels or underflows.
    """
    # symmetric about width / 2: reflected to the right half, where a is the distance to the far edge, b < a to the near
    a = (width / 2 + (z - width / 2).abs()) / sd
    b = a - width / sd
    near = torch.special.erfcx(b / math.sqrt(2))
    far = torch.special.erfcx(a / math.sqrt(2)) * ((b - a) * (b + a) / 2).exp()
    return -b.square() / 2 + ((near - far) / (2 * width)).log()


def _block(x: Tensor, nodes: Nodes, kernel: LogKernel) -> Tensor:
    terms = nodes.log_weight.expand(len(x), -1)
    for axis in range(2):
        # points of a grid share coordinates, so computing the kernel once per distinct value saves time
        distinct, index = x[:, axis].unique(return_inverse=True)
        terms = terms + kernel(distinct[:, None] - nodes.centre[:, axis])[index]
    return torch.logsumexp(terms, dim=-1)
