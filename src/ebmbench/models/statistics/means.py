"""Means of the coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ebmbench.models.statistics.coordinatewise import Coordinatewise
from ebmbench.models.statistics.functions import Identity
from ebmbench.models.statistics.interface import Fixed, Quadratic

__all__ = ["Means"]


@dataclass(frozen=True)
class Means(Identity, Coordinatewise, Fixed):
    """T(x) = x, K = D."""

    labels = ("{}",)

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic:
        """Return the form with b = eta, A = 0, c = 0."""
        return Quadratic(eta.new_zeros(dim, dim), eta, eta.new_zeros(()))
