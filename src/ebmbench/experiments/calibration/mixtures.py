"""Mixtures of separated Gaussians on the normal base measure of an energy model."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

from ebmbench.data.gaussians25 import Gaussians25
from ebmbench.experiments.calibration.known_answer import KnownTarget, tilted
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.families.ebm import EBM

#: half the distance of neighbouring modes, and the standard deviation of each, in the mixture of eight
CORNER, SD = 2.0, 0.5


class MixtureEnergy(nn.Module):
    """U(x) = log b(x) - log sum_k w_k N(x; c_k, sd^2 I), which turns b into that mixture, with log Z = 0."""

    centres: Tensor
    log_weights: Tensor

    def __init__(self, base: Normal, centres: Tensor, weights: Tensor, sd: float) -> None:
        super().__init__()
        self.base, self.sd = base, sd
        self.register_buffer("centres", centres)
        self.register_buffer("log_weights", weights.log())

    def forward(self, x: Tensor) -> Tensor:
        """Compute U, ``(B, D)`` -> ``(B,)``."""
        squares = (x[:, None] - self.centres).square().sum(-1)
        own = torch.logsumexp(self.log_weights - squares / (2 * self.sd**2), -1)
        return self.base.log_density(x) - own + 0.5 * self.base.dim * math.log(2 * math.pi * self.sd**2)


def mixture(centres: Tensor, weights: Tensor, sd: float) -> KnownTarget:
    """Return sum_k w_k N(c_k, sd^2 I), ``centres: (K, D)``, on its own normal fit, scaled as an energy model's base."""
    model = parts(centres, weights, sd)

    def exact(n: int, generator: torch.Generator) -> Tensor:
        chosen = centres[torch.multinomial(weights, n, replacement=True, generator=generator)]
        return (chosen + sd * torch.randn(chosen.shape, generator=generator, dtype=chosen.dtype)).float()

    return KnownTarget(model.float(), 0.0, exact)


def parts(centres: Tensor, weights: Tensor, sd: float) -> Tilted:
    """Return the model in float64."""
    mean = weights @ centres
    spread = (weights[:, None] * (centres - mean)).T @ (centres - mean) + sd**2 * torch.eye(len(mean)).double()
    base = Normal(mean, EBM().base_scale ** 2 * spread)
    return tilted(base, MixtureEnergy(base, centres, weights, sd))


def gaussians25() -> KnownTarget:
    """Return the mixture of the data set ``gaussians25``."""
    return mixture(*Gaussians25().gaussians())


def corners(dim: int) -> KnownTarget:
    """Return eight equal modes of standard deviation .5 at (+-2, +-2, +-2, 0, ..., 0), neighbours 8 sd apart."""
    centres = torch.zeros(8, dim, dtype=torch.float64)
    centres[:, :3] = CORNER * torch.tensor(list(itertools.product((-1.0, 1.0), repeat=3)))
    return mixture(centres, torch.full((8,), 1 / 8, dtype=torch.float64), SD)
