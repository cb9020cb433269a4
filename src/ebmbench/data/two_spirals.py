"""Two spirals: two noisy curves around the origin, one the mirror image of the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data import curve
from ebmbench.data.toy import Toy

__all__ = ["TwoSpirals"]

TURN = 3 * math.pi
WIDTH = 1 / 6
SD = 0.1
NODES = 576


@dataclass(frozen=True)
class TwoSpirals(Toy):
    """Two spirals, x = ±(-s cos s + u_1, s sin s + u_2) / 3 + 0.1 z, s = 3 pi sqrt(v), z ~ N(0, I).

    v ~ U(0, 1) and u_1, u_2 ~ U(0, 1/2) are independent, and both signs have weight 1/2; s has the density
    2 s / (3 pi)². The curve is broadened by a square of side 1/6 and a Gaussian, whose convolution is known in
    closed form, so one integral over s remains. A common toy data set, as in FFJORD (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "Gauss-Legendre sum over the angle"
    source = "generator of Grathwohl et al. (2019), FFJORD"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw an angle, a point in the square, a sign and noise."""
        u = torch.rand(n, 3, dtype=torch.float64, generator=generator)
        sign = 2 * torch.randint(2, (n, 1), generator=generator) - 1
        noise = torch.randn(n, 2, dtype=torch.float64, generator=generator)
        return (sign * (_arm(TURN * u[:, 0].sqrt()) + WIDTH * u[:, 1:]) + SD * noise).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log [q(x) + q(-x)] / 2, q the density of the spiral with positive sign."""
        kernel = partial(curve.log_smoothed_uniform, width=WIDTH, sd=SD)
        both = [curve.log_prob(side, nodes(NODES), kernel) for side in (x, -x)]
        return torch.logaddexp(*both) - math.log(2)


@cache
def nodes(count: int) -> curve.Nodes:
    """Return ``count`` quadrature nodes along the spiral with positive sign, before broadening."""
    s, weight = curve.gauss_legendre(0.0, TURN, count)
    return curve.Nodes(_arm(s), (weight * 2 * s / TURN**2).log())


def _arm(s: Tensor) -> Tensor:
    return torch.stack([-s * s.cos(), s * s.sin()], dim=-1) / 3
