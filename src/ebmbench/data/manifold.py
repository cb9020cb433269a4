"""Laws on a closed curve: a density of the angle, none in the space around it."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.data.drawn import Drawn

TURN = 2 * math.pi

#: cells of equal angle into which the curve is cut
CELLS = 3600

#: of a start that is right to about 1e-5: each squares the error
NEWTON_STEPS = 3


class CurveCells(NamedTuple):
    """The curve cut into K cells of equal angle from angle 0 on: points in their middles and their exact masses.

    ``points: (K, D)``, ``mass: (K,)``, float64.
    """

    points: Tensor
    mass: Tensor


class Manifold(Drawn):
    """The law of x = c(A), c a closed curve and A an angle with a known density p."""

    @abstractmethod
    def embed(self, angle: Tensor) -> Tensor:
        """c(a), ``(B,)`` -> ``(B, D)`` in the dtype of ``angle``, of period 2 pi and differentiable."""

    @abstractmethod
    def angle_density(self, angle: Tensor) -> Tensor:
        """p(a) per radian, above 0, ``(B,)`` -> ``(B,)`` float64."""

    @abstractmethod
    def cumulative(self, angle: Tensor) -> Tensor:
        """F(a), the integral of p from 0 to a, ``(B,)`` -> ``(B,)`` float64; 1 more for every turn."""

    def quantile(self, u: Tensor) -> Tensor:
        """The angle in [0, 2 pi] with F(a) = u, ``(B,)`` in [0, 1] -> ``(B,)``: Newton's steps from a table."""
        table = torch.linspace(0, TURN, CELLS + 1, dtype=torch.float64)
        u = u.double()
        angle = torch.from_numpy(np.interp(u.numpy(), self.cumulative(table).numpy(), table.numpy()))
        for _ in range(NEWTON_STEPS):
            angle = angle - (self.cumulative(angle) - u) / self.angle_density(angle)
        return angle.clamp(0, TURN)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """The curve at the quantiles of uniform numbers."""
        return self.embed(self.quantile(torch.rand(n, dtype=torch.float64, generator=generator))).float()

    def cells(self, count: int = CELLS) -> CurveCells:
        """The curve as ``count`` cells."""
        edges = TURN * torch.arange(count + 1, dtype=torch.float64) / count
        return CurveCells(self.embed((edges[:-1] + edges[1:]) / 2), self.cumulative(edges).diff())
