"""Means."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.statistics.base import Fixed, Quadratic
from ebmbench.statistics.coordinatewise import Coordinatewise

__all__ = ["Means"]


@dataclass(frozen=True)
class Means(Coordinatewise, Fixed):
    """T(x) = x, K = D."""

    labels = ("{}",)

    def functions(self, x: Tensor) -> Tensor:
        """x_i."""
        return x[..., None]

    def slopes(self, x: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(x)[..., None]

    def bends(self, x: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(x)[..., None]

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """The same."""
        return mean

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic:
        """b = eta."""
        return Quadratic(eta.new_zeros(dim, dim), eta, eta.new_zeros(()))
