"""Interfaces of fixed statistics T(x), which have no learnable parameter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor


class Quadratic(NamedTuple):
    """The form <eta, T(x)> = -1/2 x' A x + b' x + c with ``A: (D, D)`` symmetric, ``b: (D,)``, ``c: ()``."""

    A: Tensor
    b: Tensor
    c: Tensor


class Statistic(ABC):
    """K statistics of a point in D dimensions."""

    @abstractmethod
    def size(self, dim: int) -> int:
        """Return K in ``dim`` dimensions."""

    @abstractmethod
    def names(self, dim: int) -> list[str]:
        """Return K short names, e.g. ``x0``, ``x0*x1``."""

    @abstractmethod
    def value(self, x: Tensor) -> Tensor:
        """Return T(x) for ``x: (B, D)``, ``(B, K)``, twice differentiable."""

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian of T for ``x: (B, D)``, ``(B, K, D)``; by default with K backward passes."""
        return torch.func.vmap(torch.func.jacrev(self._of_one))(x)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacian of each statistic for ``x: (B, D)``, ``(B, K)``; by default from the Hessian."""
        hessian = torch.func.vmap(torch.func.jacfwd(torch.func.jacrev(self._of_one)))(x)
        return hessian.diagonal(dim1=-2, dim2=-1).sum(-1)

    def hard(self, x: Tensor) -> Tensor:
        """Return the unsmoothed counterpart of T, for evaluation only; T itself if T needs no smoothing."""
        return self.value(x)

    def approximate(self) -> bool:
        """Return whether :meth:`hard` differs from T."""
        return type(self).hard is not Statistic.hard

    def slopes_along(self, x: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return grad T_k(x) . v and |grad T_k(x)|^2 for ``x, v: (B, D)``, ``(B, K)`` each."""
        gradient = self.gradient(x)
        return torch.einsum("bkd,bd->bk", gradient, v), gradient.square().sum(2)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor | None:
        """Return E[T(x + sigma z)], z ~ N(0, I), ``(K,)``, if ``mean: (K,)`` = E[T(x)] determines it, else None."""
        return None

    def quadratic(self, eta: Tensor, dim: int) -> Quadratic | None:
        """Return <eta, T(x)> as a quadratic form for ``eta: (K,)``, or None if T is not quadratic."""
        return None

    def _of_one(self, row: Tensor) -> Tensor:
        return self.value(row[None])[0]


class Definition(ABC):
    """A plug-in: the settings of statistics before they are fitted to data.

    A concrete class is a frozen dataclass whose fields are its settings (all with defaults), and the only name in its
    module's ``__all__``.
    """

    @abstractmethod
    def fit(self, train: Tensor) -> Statistic:
        """Return the statistics, with everything that they need from ``train: (N, D)``: bounds, centres, scales."""


class Fixed(Definition, Statistic):
    """A plug-in that needs nothing from the data."""

    def fit(self, train: Tensor) -> Statistic:
        """Return itself."""
        return self
