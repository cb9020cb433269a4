"""First and second moments: the statistics that a Gaussian matches exactly."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.statistics.base import Quadratic, Statistic

__all__ = ["Moments"]


@dataclass(frozen=True)
class Moments(Statistic):
    """T(x) = (x_i for all i, then x_i x_j for i <= j), K = D + D(D + 1)/2, products in row-major order."""

    def size(self, dim: int) -> int:
        """D + D(D + 1)/2."""
        return dim + dim * (dim + 1) // 2

    def names(self, dim: int) -> list[str]:
        """``x0``, ..., then ``x0*x0``, ``x0*x1``, ...."""
        rows, columns = _pairs(dim).tolist()
        products = [f"x{i}*x{j}" for i, j in zip(rows, columns, strict=True)]
        return [f"x{i}" for i in range(dim)] + products

    def value(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, K)``."""
        i, j = _pairs(x.shape[1], x.device)
        return torch.cat([x, x[:, i] * x[:, j]], dim=1)

    def gradient(self, x: Tensor) -> Tensor:
        """d x_i = e_i and d(x_i x_j) = x_j e_i + x_i e_j for ``x: (B, D)`` -> ``(B, K, D)``."""
        i, j = _pairs(x.shape[1], x.device)
        unit = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
        products = x[:, j, None] * unit[i] + x[:, i, None] * unit[j]
        return torch.cat([unit.expand(len(x), -1, -1), products], dim=1)

    def laplacian(self, x: Tensor) -> Tensor:
        """2 for x_i^2, else 0, for ``x: (B, D)`` -> ``(B, K)``."""
        return 2 * _on_squares(x.shape[1]).to(x).expand(len(x), -1)

    def noise_offset(self, sigma: float, dim: int) -> Tensor:
        """sigma^2 for x_i^2, else 0: ``(K,)`` float64; sigma is a standard deviation."""
        return sigma**2 * _on_squares(dim)

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic:
        """b = eta of the means; A_ij = -eta_ij for i < j, A_ii = -2 eta_ii; c = 0."""
        i, j = _pairs(dim, eta.device)
        upper = eta.new_zeros(dim, dim).index_put((i, j), eta[dim:])
        return Quadratic(-(upper + upper.T), eta[:dim], eta.new_zeros(()))


def _pairs(dim: int, device: torch.device | str = "cpu") -> Tensor:
    """i and j of every product, ``(2, D(D + 1)/2)``."""
    return torch.triu_indices(dim, dim, device=device)


def _on_squares(dim: int) -> Tensor:
    """1 where the statistic is x_i^2, else 0: ``(K,)`` float64."""
    i, j = _pairs(dim)
    return torch.cat([torch.zeros(dim, dtype=torch.float64), (i == j).double()])
