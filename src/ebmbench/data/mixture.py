"""Base class of mixtures of isotropic Gaussians with a common standard deviation."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity


class Gaussians(NamedTuple):
    """Mixture p(x) = sum_k w_k N(x; c_k, sd² I) with ``centres: (K, D)`` and ``weights: (K,)``, float64."""

    centres: Tensor
    weights: Tensor
    sd: float


def on_circle(count: int, radius: float) -> Tensor:
    """Return ``(count, 2)`` points on a circle at angles 2 pi k / count, the first one on the first axis."""
    angle = 2 * math.pi * torch.arange(count, dtype=torch.float64) / count
    return radius * torch.stack([angle.cos(), angle.sin()], dim=-1)


class IsotropicMixture(Drawn, KnownDensity):
    """A data set that is a mixture of Gaussians in any dimension; its modes are the components."""

    density = "closed form"

    @abstractmethod
    def gaussians(self) -> Gaussians:
        """Return the components."""

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a component by its weight, then a Gaussian sample around its centre."""
        centres, weights, sd = self.gaussians()
        index = torch.multinomial(weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.dim, dtype=torch.float64, generator=generator)
        return (centres[index] + sd * noise).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log sum_k w_k N(x; c_k, sd² I)."""
        centres, weights, sd = self.gaussians()
        squares = sum((x[:, axis, None].double() - centres[:, axis]).square() for axis in range(self.dim))
        volume = self.dim / 2 * math.log(2 * math.pi * sd**2)
        return torch.logsumexp(weights.log() - squares / (2 * sd**2), dim=-1) - volume

    def component(self, x: Tensor) -> Tensor:
        """Return the index of the nearest centre."""
        return torch.cdist(x.double(), self.gaussians().centres).argmin(-1)
