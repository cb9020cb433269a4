"""Functions of a single number, and their derivatives."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Functions(ABC):
    """J functions f of a number, each under one of the ``labels``."""

    #: J names
    labels: tuple[str, ...]

    @abstractmethod
    def functions(self, x: Tensor) -> Tensor:
        """f for ``x: (B, D)`` -> ``(B, D, J)``."""

    @abstractmethod
    def slopes(self, x: Tensor) -> Tensor:
        """f' for ``x: (B, D)`` -> ``(B, D, J)``."""

    @abstractmethod
    def bends(self, x: Tensor) -> Tensor:
        """f'' for ``x: (B, D)`` -> ``(B, D, J)``."""

    def hard_functions(self, x: Tensor) -> Tensor:
        """The un-smoothed counterparts of f for ``x: (B, D)`` -> ``(B, D, J)``."""
        return self.functions(x)

    def approximate(self) -> bool:
        """Whether :meth:`hard_functions` are others."""
        return type(self).hard_functions is not Functions.hard_functions


class Identity(Functions):
    """f(x) = x, whose mean no noise moves."""

    def functions(self, x: Tensor) -> Tensor:
        """x."""
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
