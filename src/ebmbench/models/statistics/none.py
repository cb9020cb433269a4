"""No statistic: the empty vector, so that a model without statistics needs no special case."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ebmbench.models.statistics.interface import Fixed, Quadratic

__all__ = ["NoStatistic"]


@dataclass(frozen=True)
class NoStatistic(Fixed):
    """T(x) = (), K = 0."""

    def size(self, dim: int) -> int:
        """Return K = 0."""
        return 0

    def names(self, dim: int) -> list[str]:
        """Return no names."""
        return []

    def value(self, x: Tensor) -> Tensor:
        """Return an empty tensor, ``(B, D)`` -> ``(B, 0)``."""
        return x.new_zeros(len(x), 0)

    def gradient(self, x: Tensor) -> Tensor:
        """Return an empty tensor, ``(B, D)`` -> ``(B, 0, D)``."""
        return x.new_zeros(len(x), 0, x.shape[1])

    def laplacian(self, x: Tensor) -> Tensor:
        """Return an empty tensor, ``(B, D)`` -> ``(B, 0)``."""
        return x.new_zeros(len(x), 0)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the empty mean, ``(0,)``."""
        return mean

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic:
        """Return the form with A = 0, b = 0, c = 0."""
        return Quadratic(eta.new_zeros(dim, dim), eta.new_zeros(dim), eta.new_zeros(()))
