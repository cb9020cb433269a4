"""Known densities disturbed by a known amount, with exact samples and the exact KL divergence."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ebmbench.core.midpoints import midpoints
from ebmbench.data.interface import KnownDensity
from ebmbench.evaluation.metrics.density_grid import DensityGrid, divergences
from ebmbench.experiments.calibration.known_order.normal_table import NormalTable

#: cells per side of the quadrature of the KL divergence in two dimensions; on [-6, 6]² no cell crosses the edge of a
#: checkerboard's square
CELLS = 180


@dataclass(frozen=True)
class Disturbance(ABC):
    """Densities q_s of strength s >= 0 with q_0 = p, the density of ``dataset``; KL(p || q_s) increases with s."""

    dataset: KnownDensity

    #: the largest strength
    strongest = 3.0

    @abstractmethod
    def sample(self, n: int, strength: float, generator: torch.Generator) -> Tensor:
        """Draw ``(n, D)`` independent samples of q_s, float32."""

    @abstractmethod
    def log_prob(self, x: Tensor, strength: float) -> Tensor:
        """Compute log q_s(x) in nats for ``x: (B, D)`` -> ``(B,)``, float64."""

    def kl(self, strength: float) -> float:
        """Compute KL(p || q_s) in nats, by midpoint sums over the square of a data set in the plane."""
        points, grid = self._quadrature
        return divergences(grid, self.log_prob(points, strength))["kl"]

    @cached_property
    def _quadrature(self) -> tuple[Tensor, DensityGrid]:
        if self.dataset.dim != 2 or self.dataset.box is None:
            raise ValueError(f"quadrature needs a density on a square; found: dimension {self.dataset.dim}")
        points = midpoints(self.dataset.box, CELLS)
        log_p = self.dataset.log_prob(points)
        area = (2 * self.dataset.box / CELLS) ** 2
        occupied = log_p > -math.inf
        return points[occupied], DensityGrid(log_p[occupied], area)


@dataclass(frozen=True)
class Mixed(Disturbance):
    """q_s = (1 - s) p + s N(c, sd² I), s < 1: mass moves to a broad normal, or to one of the modes."""

    centre: tuple[float, ...]
    sd: float
    strongest = 0.999

    def sample(self, n: int, strength: float, generator: torch.Generator) -> Tensor:
        """Draw every sample from the normal with probability s, else from p."""
        moved = torch.rand(n, generator=generator) < strength
        noise = torch.randn(n, self.dataset.dim, generator=generator)
        other = torch.tensor(self.centre) + self.sd * noise
        return torch.where(moved[:, None], other, self.dataset.sample(n, generator))

    def log_prob(self, x: Tensor, strength: float) -> Tensor:
        """Compute the log of the mixture's density."""
        squares = (x.double() - torch.tensor(self.centre, dtype=torch.float64)).square().sum(-1)
        other = -squares / (2 * self.sd**2) - self.dataset.dim * math.log(math.sqrt(2 * math.pi) * self.sd)
        kept = self.dataset.log_prob(x) + math.log1p(-strength)
        return torch.logaddexp(kept, other + math.log(strength)) if strength else kept


@dataclass(frozen=True)
class Shifted(Disturbance):
    """q_s(x) = p(x - s u), u the unit vector along (1, ..., 1)."""

    def sample(self, n: int, strength: float, generator: torch.Generator) -> Tensor:
        """Draw from p and shift."""
        return self.dataset.sample(n, generator) + self._shift(strength).float()

    def log_prob(self, x: Tensor, strength: float) -> Tensor:
        """Compute log p of the points shifted back."""
        return self.dataset.log_prob(x.double() - self._shift(strength))

    def _shift(self, strength: float) -> Tensor:
        return torch.full((self.dataset.dim,), strength / math.sqrt(self.dataset.dim), dtype=torch.float64)


@dataclass(frozen=True)
class Scaled(Disturbance):
    """q_s(x) = p(x / (1 + s)) / (1 + s)^D."""

    strongest = 1.0

    def sample(self, n: int, strength: float, generator: torch.Generator) -> Tensor:
        """Draw from p and scale."""
        return self.dataset.sample(n, generator) * (1 + strength)

    def log_prob(self, x: Tensor, strength: float) -> Tensor:
        """Compute log p of the points scaled back, with the change of volume."""
        return self.dataset.log_prob(x.double() / (1 + strength)) - self.dataset.dim * math.log1p(strength)


@dataclass(frozen=True)
class ShiftedNormal(Shifted):
    """A shifted normal distribution in any dimension, with the KL in closed form."""

    dataset: NormalTable

    def kl(self, strength: float) -> float:
        """Return s² u' Sigma^-1 u / 2."""
        shift = self._shift(strength)
        return float(0.5 * shift @ self.dataset.normal.precision @ shift)
