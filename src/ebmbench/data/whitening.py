"""Whitening: affine maps to coordinates in which given rows have mean 0 and covariance I."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.data.columns import covariance_factor


class Whitening(NamedTuple):
    """Whitening map z = L⁻¹ (x - mean) with ``mean: (D,)`` and the lower triangular ``L: (D, D)``, float64."""

    mean: Tensor
    L: Tensor

    @classmethod
    def of(cls, rows: Tensor) -> Whitening:
        """Fit the map to the mean and the covariance L L' (divided by N) of ``rows: (N, D)``.

        Raises :class:`~ebmbench.data.columns.ColumnError` if the covariance is singular.
        """
        return cls(rows.mean(0), covariance_factor(rows))

    def __call__(self, x: Tensor) -> Tensor:
        """Whiten ``x: (B, D)`` -> ``(B, D)``."""
        return torch.linalg.solve_triangular(self.L, (x - self.mean).T, upper=False).T

    def inverse(self, z: Tensor) -> Tensor:
        """Return L z + mean, ``(B, D)`` -> ``(B, D)``."""
        return z @ self.L.T + self.mean

    def gradient(self, of_z: Tensor) -> Tensor:
        """Return L^-T g, the gradients with respect to x, for gradients g with respect to z: ``(B, D)``."""
        return torch.linalg.solve_triangular(self.L.T, of_z.T, upper=True).T

    @property
    def log_det(self) -> float:
        """Log-determinant log |det dz/dx| = -sum_i log L_ii."""
        return -self.L.diagonal().log().sum().item()
