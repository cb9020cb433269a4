"""Mixture of separated Gaussians with unequal weights in any dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, NonNegativeInt, PositiveFloat, PositiveInt
from ebmbench.core.seeds import generator
from ebmbench.data.mixture import Gaussians, IsotropicMixture

__all__ = ["GaussianMixture"]

SD = 0.5


@dataclass(frozen=True)
class GaussianMixture(IsotropicMixture):
    """Mixture p = sum_k w_k N(x; c_k, 0.5² I) of ``modes`` Gaussians in ``dim`` dimensions.

    The centres are random points on a sphere, drawn by the seed ``arrangement``, whose radius makes the closest two
    ``separation`` standard deviations apart. The weights fall geometrically, w_k ∝ ratio^(-k / (K - 1)): the first mode
    has ``ratio`` times the mass of the last one. Designed for ebmbench.
    """

    dim: AtLeastTwo = 8
    modes: AtLeastTwo = 8
    separation: PositiveFloat = 6.0
    ratio: Annotated[float, Ge(1)] = 4.0
    arrangement: NonNegativeInt = 0
    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    source = "designed for ebmbench"

    def gaussians(self) -> Gaussians:
        """Return Gaussians at the scaled centres, with normalised weights."""
        falling = self.ratio ** (-torch.arange(self.modes, dtype=torch.float64) / (self.modes - 1))
        centres = self.separation * SD * arranged(self.dim, self.modes, self.arrangement)
        return Gaussians(centres, falling / falling.sum(), SD)


@cache
def arranged(dim: int, count: int, seed: int) -> Tensor:
    """Draw ``(K, D)`` points, K = ``count``, on a sphere about the origin, the closest two at distance 1."""
    normal = torch.randn(
        count, dim, dtype=torch.float64, generator=generator("gaussian_mixture", "centres", dim, count, seed)
    )
    points = normal / normal.norm(dim=-1, keepdim=True)
    return points / torch.pdist(points).min()
