"""The characteristic function at random frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, MultipleOf
from torch import Tensor, nn

from ebmbench.core.ranges import check_ranges
from ebmbench.core.seeds import generator
from ebmbench.models.statistics.interface import Definition, Statistic

__all__ = ["Fourier"]

#: number of points whose pairwise distances give the median
ROWS = 1000


class Waves(nn.Module, Statistic):
    """T(x) = (cos <w_j, x> for all j, then sin <w_j, x>), K = 2 J."""

    frequencies: Tensor

    def __init__(self, frequencies: Tensor) -> None:
        """``frequencies: (J, D)``."""
        super().__init__()
        self.register_buffer("frequencies", frequencies)

    def size(self, dim: int) -> int:
        """Return K = 2 J."""
        return 2 * len(self.frequencies)

    def names(self, dim: int) -> list[str]:
        """Return ``cos0``, ..., then ``sin0``, ...."""
        return [f"{wave}{j}" for wave in ("cos", "sin") for j in range(len(self.frequencies))]

    def value(self, x: Tensor) -> Tensor:
        """Return T(x), ``(B, D)`` -> ``(B, 2 J)``."""
        phases = x @ self.frequencies.to(x).T
        return torch.cat([phases.cos(), phases.sin()], 1)

    def gradient(self, x: Tensor) -> Tensor:
        """Return the Jacobian: -sin <w, x> w and cos <w, x> w."""
        w = self.frequencies.to(x)
        phases = x @ w.T
        return torch.cat([-phases.sin(), phases.cos()], 1)[..., None] * w.repeat(2, 1)

    def laplacian(self, x: Tensor) -> Tensor:
        """Return the Laplacian -|w|^2 T."""
        return -self._squares().to(x) * self.value(x)

    def under_noise(self, mean: Tensor, sigma: float, dim: int) -> Tensor:
        """Return exp(-sigma^2 |w|^2 / 2) times the mean."""
        return torch.exp(-0.5 * sigma**2 * self._squares().to(mean)) * mean

    def _squares(self) -> Tensor:
        """Return |w|^2 for each statistic, ``(2 J,)``."""
        return self.frequencies.square().sum(1).repeat(2)


@dataclass(frozen=True)
class Fourier(Definition):
    """Cosines and sines at K / 2 frequencies w ~ N(0, I) / d, d the median distance between training examples.

    ``count`` is K; the normal random numbers are the same for every method and seed.
    """

    count: Annotated[int, Ge(2), MultipleOf(2)] = 32

    def __post_init__(self) -> None:
        check_ranges(self)

    def fit(self, train: Tensor) -> Waves:
        """Return the statistics scaled by the median distance among the first 1,000 examples."""
        rows, dim = train[:ROWS].double(), train.shape[1]
        stream = generator("statistics", "fourier", dim)
        w = torch.randn(self.count // 2, dim, generator=stream, dtype=torch.float64).to(train.device)
        return Waves(w / torch.pdist(rows).median())
