"""Mixture of eight equal Gaussians on a circle."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.mixture import Gaussians, IsotropicMixture, on_circle
from ebmbench.data.toy import Toy

__all__ = ["Gaussians8"]

SCALE = 1.414
RADIUS = 4 / SCALE
SD = 0.5 / SCALE


@dataclass(frozen=True)
class Gaussians8(IsotropicMixture, Toy):
    """Mixture p = 1/8 sum_k N(x; c_k, (0.5 / 1.414)² I), c_k on the circle of radius 4 / 1.414 at angles 2 pi k / 8.

    A common toy data set, as in FFJORD (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    source = "generator of Grathwohl et al. (2019), FFJORD"

    def gaussians(self) -> Gaussians:
        """Return eight Gaussians of equal weight on the circle."""
        return Gaussians(on_circle(8, RADIUS), torch.full((8,), 1 / 8, dtype=torch.float64), SD)
