"""Statistics that apply the same functions to every coordinate."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.statistics.functions import Functions
from ebmbench.models.statistics.interface import Statistic


class Coordinatewise(Functions, Statistic):
    """T_ij(x) = f_ij(x_i): J functions of each coordinate, K = D J, first coordinate first.

    In the labels ``{}`` stands for the coordinate.
    """

    def size(self, dim: int) -> int:
        """Return K = D J."""
        return dim * len(self.labels)

    def names(self, dim: int) -> list[str]:
        """Return the labels of the first coordinate, then of the second, and so on."""
        return [label.format(f"x{i}") for i in range(dim) for label in self.labels]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, D J)``."""
        return self.functions(x).flatten(1)

    def hard(self, x: Tensor) -> Tensor:
        """Return the unsmoothed T(x), ``(B, D)`` -> ``(B, D J)``."""
        return self.hard_functions(x).flatten(1)

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian f'_ij(x_i) e_i for ``x: (B, D)``, ``(B, D J, D)``."""
        unit = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
        return (self.slopes(x)[..., None] * unit[:, None]).flatten(1, 2)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacian f''_ij(x_i) for ``x: (B, D)``, ``(B, D J)``."""
        return self.bends(x).flatten(1)
