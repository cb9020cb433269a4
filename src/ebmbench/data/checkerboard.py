"""Checkerboard: uniform density on the eight dark squares of a 4 x 4 board."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.toy import Toy

__all__ = ["Checkerboard"]

SIDE = 2.0
#: lower-left corners of the dark squares (i + j even), in units of the side
CORNERS = tuple((i, j) for i in range(-2, 2) for j in range(-2, 2) if (i + j) % 2 == 0)
#: number of positions along a square's side; corner + position is exact in float32 and never falls on an edge
STEPS = 2**20


@dataclass(frozen=True)
class Checkerboard(Toy):
    """Checkerboard, p = 1 / 32 on the squares [2i, 2i+2) x [2j, 2j+2), i, j in -2..1 with i + j even; 0 elsewhere.

    A common toy data set, as in FFJORD (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "closed form"
    source = "generator of Grathwohl et al. (2019), FFJORD"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a square, then a position in it."""
        corner = torch.tensor(CORNERS)[torch.randint(len(CORNERS), (n,), generator=generator)]
        position = torch.randint(STEPS, (n, 2), generator=generator) + 0.5
        return (SIDE * (corner + position / STEPS)).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Return -log 32 on a dark square and -inf elsewhere."""
        cell = (x.double() / SIDE).floor()
        dark = ((cell >= -2) & (cell < 2)).all(-1) & (cell.sum(-1) % 2 == 0)
        return (dark.double() / (len(CORNERS) * SIDE**2)).log()

    def component(self, x: Tensor) -> Tensor:
        """Return the index of the nearest dark square (distance 0 inside it)."""
        centre = SIDE * (torch.tensor(CORNERS, dtype=torch.float64) + 0.5)
        beyond = ((x.double()[:, None] - centre).abs() - SIDE / 2).clamp_min(0)
        return beyond.square().sum(-1).argmin(-1)
