"""A model in latent space whose distribution is normal at every inverse temperature."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Generator
from ebmbench.models.statistics.none import NoStatistic
from tests.helpers.distributions import Distribution
from tests.helpers.targets import GaussianTilt, Quadratic, generator, standard_normal


class Affine(Generator):
    """x = a z + c, z ~ N(0, I)."""

    def __init__(self, dim: int, a: float, c: float) -> None:
        super().__init__()
        self.dim, self.a, self.c = dim, a, c

    @property
    def latent(self) -> Normal:
        return standard_normal(self.dim)

    def decode(self, z: Tensor) -> Tensor:
        return self.a * z + self.c


def latent_model(tilt: GaussianTilt) -> tuple[Generalized, Tensor]:
    """The tilt as a model with a generator, and rows for it to be built on."""
    train = torch.randn(50, tilt.dim, generator=generator(3), dtype=torch.float64)
    base = Affine(tilt.dim, tilt.a, tilt.c)
    model = Generalized(base, Quadratic(tilt.k, tilt.e), NoStatistic(), train)
    return model.eval().requires_grad_(False), train


def distribution_of(tilt: GaussianTilt, beta: float) -> Distribution:
    """pi_beta in the data's space: N(a m + c, a^2 / p I)   (posterior precision p = 1 + beta k a^2)."""
    variance = torch.eye(tilt.dim, dtype=torch.float64) * tilt.a**2 / tilt.precision(beta)
    return Distribution(tilt.a * tilt.mean(beta) + tilt.c, variance)
