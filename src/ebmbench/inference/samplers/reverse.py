"""Reverse diffusion: direct sampling with a model's scores at every noise level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.errors import UserError
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.inference.samplers.interface import Draws
from ebmbench.inference.samplers.target import BLOCK
from ebmbench.models.blocks import gradient
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.distributions.normal import fitted
from ebmbench.models.interface import NoiseConditional

__all__ = ["ReverseProcess"]


@dataclass(frozen=True)
class ReverseProcess:
    """Reverse diffusion, x <- x + (s^2 - s'^2) grad log p(x, s) + sqrt(s^2 - s'^2) n, n ~ N(0, I), for levels s' < s.

    Euler-Maruyama steps of the reverse of the variance-exploding process dx = sqrt(ds^2/dt) dW (Song et al. 2021):
    ``steps`` of them, evenly spaced in log s from the model's largest level to its smallest. They start at the normal
    distribution with the mean and covariance of the training samples plus noise of the largest level. Each step makes
    the variance of N(0, v I) data too large by (s^2 - s'^2)^2 / (v + s^2). ``denoise``: at the end
    x <- x + s^2 grad log p(x, s) with the smallest s, the mean of the data given x (Robbins 1956), which has less
    variance than the data.

    Samples are independent. They follow the model's density at its smallest level to the extent that the steps are
    short and the scores of all levels belong to one noised distribution. Cost: one energy with its gradient per sample
    and step.
    """

    steps: PositiveInt = 500
    denoise: bool = False
    kind: ClassVar[str] = "biased"

    def __post_init__(self) -> None:
        check_ranges(self)

    def draw(self, model: Generalized, train: Tensor, n: int, generator: torch.Generator) -> Draws:
        """Draw ``(n, D)`` samples; raise :class:`UserError` for a model with fewer than two noise levels."""
        if not isinstance(model, NoiseConditional) or len(model.sigmas) < 2:
            raise UserError(
                "sampler reverse: this family's energy has no noise levels; "
                "allowed: family ebm_noise with 2 levels or more"
            )
        first = float(model.sigmas[0])
        start = fitted(train).sample(n, generator).to(train.dtype)
        start = start + first * normal_like(start, generator)
        x = torch.cat([self._run(model, rows, generator) for rows in start.split(BLOCK)])
        return Draws(x, Cost(1, 1).times(n * (self.steps + self.denoise)))

    def _run(self, model: NoiseConditional, x: Tensor, generator: torch.Generator) -> Tensor:
        first, last = float(model.sigmas[0]), float(model.sigmas[-1])
        ratio = (last / first) ** (1 / self.steps)
        for step in range(self.steps):
            sigma = first * ratio**step
            variance = sigma**2 * (1 - ratio**2)
            x = x + variance * _score(model, x, sigma) + math.sqrt(variance) * normal_like(x, generator)
        return x + last**2 * _score(model, x, last) if self.denoise else x


def _score(model: NoiseConditional, x: Tensor, sigma: float) -> Tensor:
    """Compute grad log p(x, sigma), ``(B, D)``, without a graph."""
    return -gradient(lambda points: model.energy_at(points, torch.full_like(points[:, 0], sigma)), x)
