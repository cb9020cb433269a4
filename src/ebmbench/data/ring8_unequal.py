"""Mixture of eight Gaussians with unequal weights on a circle, to test whether methods recover the weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.mixture import Gaussians, IsotropicMixture, on_circle
from ebmbench.data.toy import Toy

__all__ = ["Ring8Unequal"]

RADIUS = 3.0
SD = 0.5
WEIGHTS = (4, 3, 2, 1, 1, 1, 2, 3)


@dataclass(frozen=True)
class Ring8Unequal(IsotropicMixture, Toy):
    """Unequal mixture p = sum_k w_k N(x; c_k, 0.5² I), c_k on the circle of radius 3 at angles 2 pi k / 8.

    w = (4, 3, 2, 1, 1, 1, 2, 3) / 17: the mean is not at the origin, and the lightest mode has a quarter of
    the mass of the heaviest one.
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    source = "designed for ebmbench"

    def gaussians(self) -> Gaussians:
        """Return Gaussians on the circle with normalised weights."""
        weights = torch.tensor(WEIGHTS, dtype=torch.float64)
        return Gaussians(on_circle(8, RADIUS), weights / weights.sum(), SD)
