"""Values of the characteristic function at random frequencies."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.seeds import generator
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["Fourier"]

#: rows between which distances are taken
ROWS = 1000


class Waves(nn.Module, Statistic):
    """T(x) = (cos <w_j, x> for all j, then sin <w_j, x>), K = 2 J."""

    frequencies: Tensor

    def __init__(self, frequencies: Tensor) -> None:
        """``(J, D)``."""
        super().__init__()
        self.register_buffer("frequencies", frequencies)

    def size(self, dim: int) -> int:
        """2 J."""
        return 2 * len(self.frequencies)

    def names(self, dim: int) -> list[str]:
        """``cos0``, ..., then ``sin0``, ...."""
        return [f"{wave}{j}" for wave in ("cos", "sin") for j in range(len(self.frequencies))]

    def value(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B, 2 J)``."""
        phases = x @ self.frequencies.to(x).T
        return torch.cat([phases.cos(), phases.sin()], 1)

    def gradient(self, x: Tensor) -> Tensor:
        """-sin <w, x> w and cos <w, x> w."""
        w = self.frequencies.to(x)
        phases = x @ w.T
        return torch.cat([-phases.sin(), phases.cos()], 1)[..., None] * w.repeat(2, 1)

    def laplacian(self, x: Tensor) -> Tensor:
        """-|w|^2 T."""
        return -self._squares().to(x) * self.value(x)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """exp(-sigma^2 |w|^2 / 2) times the mean."""
        return torch.exp(-0.5 * sigma**2 * self._squares().to(mean)) * mean

    def _squares(self) -> Tensor:
        """|w|^2 of each statistic, ``(2 J,)``."""
        return self.frequencies.square().sum(1).repeat(2)


@dataclass(frozen=True)
class Fourier(Definition):
    """Cosines and sines at K / 2 frequencies drawn from N(0, I) over the median distance between train rows.

    ``count`` is K; the normal draws are the same for every method and seed.
    """

    count: int = 32

    def __post_init__(self) -> None:
        if self.count < 2 or self.count % 2:
            raise ValueError("count must be even, 2 or more")

    def fit(self, train: Tensor) -> Waves:
        """With the median distance among the first 1,000 rows."""
        rows, dim = train[:ROWS].double(), train.shape[1]
        stream = generator("statistics", "fourier", dim)
        w = torch.randn(self.count // 2, dim, generator=stream, dtype=torch.float64).to(train.device)
        return Waves(w / torch.pdist(rows).median())
