"""Fixed statistics T(x): no learnable parameter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor


class Quadratic(NamedTuple):
    """<eta, T(x)> = -1/2 x' A x + b' x + c with ``A: (D, D)`` symmetric, ``b: (D,)``, ``c: ()``."""

    A: Tensor
    b: Tensor
    c: Tensor


class Statistic(ABC):
    """K statistics of a point in D dimensions.

    A concrete class is a frozen dataclass whose fields are its settings (all with defaults), and the only
    name in its module's ``__all__``. Statistics that need bounds from the data take them in :meth:`fit`.
    """

    @abstractmethod
    def size(self, dim: int) -> int:
        """K in ``dim`` dimensions."""

    @abstractmethod
    def names(self, dim: int) -> list[str]:
        """K short names, e.g. ``x0``, ``x0*x1``."""

    @abstractmethod
    def value(self, x: Tensor) -> Tensor:
        """T(x) for ``x: (B, D)`` -> ``(B, K)``."""

    @abstractmethod
    def gradient(self, x: Tensor) -> Tensor:
        """The Jacobian of T for ``x: (B, D)`` -> ``(B, K, D)``."""

    @abstractmethod
    def laplacian(self, x: Tensor) -> Tensor:
        """The Laplacian of each statistic for ``x: (B, D)`` -> ``(B, K)``."""

    def hard(self, x: Tensor) -> Tensor:
        """The un-smoothed counterpart of T, for evaluation only; T itself where T needs no smoothing."""
        return self.value(x)

    @abstractmethod
    def noise_offset(self, sigma: float, dim: int) -> Tensor | None:
        """E[T(x + sigma z)] - E[T(x)] for z ~ N(0, I) -> ``(K,)``, or None where it depends on the data."""

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic | None:
        """<eta, T(x)> as a quadratic form for ``eta: (K,)``, or None where T is not quadratic."""
        return None
