"""Base class of distributions on a closed curve, which have a density of the angle but none in the ambient space."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ebmbench.data.drawn import Drawn

TURN = 2 * math.pi

#: default number of equal-angle cells into which the curve is divided
CELLS = 3600

#: enough from an initial error of about 1e-5, because each step squares the error
NEWTON_STEPS = 3


class CurveCells(NamedTuple):
    """The curve in K cells of equal angle, starting at angle 0: the midpoints and exact masses of the cells.

    ``points: (K, D)``, ``mass: (K,)``, float64.
    """

    points: Tensor
    mass: Tensor


class Manifold(Drawn):
    """Distribution of x = c(A), c a closed curve and A an angle with a known density p."""

    @abstractmethod
    def embed(self, angle: Tensor) -> Tensor:
        """Compute c(a), ``(B,)`` -> ``(B, D)`` in the dtype of ``angle``; differentiable and of period 2 pi."""

    @abstractmethod
    def angle_density(self, angle: Tensor) -> Tensor:
        """Compute p(a) > 0 per radian, ``(B,)`` -> ``(B,)`` float64."""

    @abstractmethod
    def cumulative(self, angle: Tensor) -> Tensor:
        """Compute F(a), the integral of p from 0 to a, ``(B,)`` -> ``(B,)`` float64; each turn adds 1."""

    def quantile(self, u: Tensor) -> Tensor:
        """Solve F(a) = u for a in [0, 2 pi], ``(B,)`` in [0, 1] -> ``(B,)``: Newton's method, started from a table."""
        table = torch.linspace(0, TURN, CELLS + 1, dtype=torch.float64)
        u = u.double()
        angle = torch.from_numpy(np.interp(u.numpy(), self.cumulative(table).numpy(), table.numpy()))
        for _ in range(NEWTON_STEPS):
            angle = angle - (self.cumulative(angle) - u) / self.angle_density(angle)
        return angle.clamp(0, TURN)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw points of the curve at the quantiles of uniform random numbers."""
        return self.embed(self.quantile(torch.rand(n, dtype=torch.float64, generator=generator))).float()

    def cells(self, count: int = CELLS) -> CurveCells:
        """Divide the curve into ``count`` cells."""
        edges = TURN * torch.arange(count + 1, dtype=torch.float64) / count
        return CurveCells(self.embed((edges[:-1] + edges[1:]) / 2), self.cumulative(edges).diff())
