"""Probability mass within balls about the mean."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["Radial"]


class Bumps(nn.Module, Statistic):
    """T_j(x) = exp(-r^2 / (2 s_j^2)), r = |x - m|: smooth at the centre too."""

    centre: Tensor
    scales: Tensor

    def __init__(self, centre: Tensor, scales: Tensor) -> None:
        """``centre: (D,)``, ``scales: (J,)``."""
        super().__init__()
        self.register_buffer("centre", centre)
        self.register_buffer("scales", scales)

    def size(self, dim: int) -> int:
        """Return J."""
        return len(self.scales)

    def names(self, dim: int) -> list[str]:
        """Return ``bump0``, the narrowest, and so on."""
        return [f"bump{j}" for j in range(len(self.scales))]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, J)``."""
        return torch.exp(-0.5 * self._squares(x) / self.scales.to(x).square())

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian -(T / s^2) (x - m)."""
        return (-self.value(x) / self.scales.to(x).square())[..., None] * (x - self.centre.to(x))[:, None]

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacian T (r^2 / s^2 - D) / s^2."""
        squares = self.scales.to(x).square()
        return self.value(x) * (self._squares(x) / squares - x.shape[1]) / squares

    def _squares(self, x: Tensor) -> Tensor:
        """Return r^2, ``(B, 1)``."""
        return (x - self.centre.to(x)).square().sum(1, keepdim=True)


@dataclass(frozen=True)
class Radial(Definition):
    """T_j(x) = exp(-|x - m|^2 / (2 s_j^2)), m the training data's mean, at ``scales`` widths s_j: K = scales.

    The widths are quantiles of the training data's distance from the mean, at (j + 1/2) / scales.
    """

    scales: PositiveInt = 4

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> Bumps:
        """Return the statistics with the training data's mean and distances."""
        rows = train.double()
        distances = (rows - rows.mean(0)).norm(dim=1)
        levels = (torch.arange(self.scales, dtype=torch.float64, device=train.device) + 0.5) / self.scales
        return Bumps(rows.mean(0), torch.quantile(distances, levels))
