"""A neural spline flow (zuko)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import zuko
from torch import Tensor

from ebmbench.families.model import Normalised, TrainingData
from ebmbench.randomness import normal_like, seeded
from ebmbench.statistics.base import Statistic

__all__ = ["Flow"]


class SplineFlow(Normalised):
    """log N(f(z); 0, I) + log |det df/dz| - sum log s, with z = (x - m) / s from the train rows.

    f: autoregressive rational-quadratic splines (Durkan et al. 2019); m, s: ``(D,)``.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, flow: zuko.flows.Flow, train: Tensor) -> None:
        super().__init__()
        self.dim = train.shape[1]
        self.flow = flow
        self.register_buffer("centre", train.mean(0))
        self.register_buffer("scale", train.std(0))

    def log_density(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return self.flow().log_prob((x - self.centre) / self.scale) - self.scale.log().sum()

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """``(n, D)`` draws: standard normal noise through the inverse of f."""
        noise = normal_like(self.centre.expand(n, self.dim), generator)
        return self.flow().transform.inv(noise) * self.scale + self.centre


@dataclass(frozen=True)
class Flow:
    """``transforms`` spline transforms of ``bins`` bins, conditioners of two layers of ``width`` units."""

    transforms: int = 3
    width: int = 64
    bins: int = 8

    def __post_init__(self) -> None:
        if min(self.transforms, self.width, self.bins) < 1:
            raise ValueError("transforms, width and bins must be 1 or more")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> SplineFlow:
        """An untrained flow; ``statistic`` has no part in it."""
        with seeded(generator):
            flow = zuko.flows.NSF(
                features=data.dim,
                transforms=self.transforms,
                bins=self.bins,
                hidden_features=(self.width, self.width),
            )
        return SplineFlow(flow, data.splits.train)
