"""Functions of a single number, and their derivatives."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Functions(ABC):
    """J functions f of one number, each with one of the ``labels``."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The J names."""

    @abstractmethod
    def functions(self, x: Tensor) -> Tensor:
        """Return f for ``x: (B, D)``, ``(B, D, J)``."""

    @abstractmethod
    def slopes(self, x: Tensor) -> Tensor:
        """Return f' for ``x: (B, D)``, ``(B, D, J)``."""

    @abstractmethod
    def bends(self, x: Tensor) -> Tensor:
        """Return f'' for ``x: (B, D)``, ``(B, D, J)``."""

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return the unsmoothed counterparts of f for ``x: (B, D)``, ``(B, D, J)``."""
        return self.functions(x)

    def approximate(self) -> bool:
        """Return whether :meth:`hard_functions` differ from the functions."""
        return type(self).hard_functions is not Functions.hard_functions


class Identity(Functions):
    """f(x) = x, whose mean does not change under noise."""

    def functions(self, x: Tensor) -> Tensor:
        """Return x."""
        return x[..., None]

    def slopes(self, x: Tensor) -> Tensor:
        """Return 1."""
        return torch.ones_like(x)[..., None]

    def bends(self, x: Tensor) -> Tensor:
        """Return 0."""
        return torch.zeros_like(x)[..., None]

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return the mean unchanged."""
        return mean
