"""Swiss roll in 2D: a spiral band."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data import curve
from ebmbench.data.toy import Toy

__all__ = ["Swissroll"]

LOW, HIGH = 1.5 * math.pi, 4.5 * math.pi
SD = 0.2
NODES = 320


@dataclass(frozen=True)
class Swissroll(Toy):
    """Swiss roll, x = (s cos s, s sin s) / 5 + 0.2 z, s ~ U(3 pi / 2, 9 pi / 2), z ~ N(0, I).

    scikit-learn's ``make_swiss_roll(noise=1.0)`` without its middle column, divided by 5, as in FFJORD
    (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "Gauss-Legendre sum over the angle"
    source = "scikit-learn's make_swiss_roll, scaled as by Grathwohl et al. (2019), FFJORD"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw an angle and noise."""
        s = LOW + (HIGH - LOW) * torch.rand(n, dtype=torch.float64, generator=generator)
        return (_roll(s) + SD * torch.randn(n, 2, dtype=torch.float64, generator=generator)).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute the log of the integral over the angle."""
        return curve.log_prob(x, nodes(NODES), partial(curve.log_normal, sd=SD))


@cache
def nodes(count: int) -> curve.Nodes:
    """Return ``count`` quadrature nodes along the roll."""
    s, weight = curve.gauss_legendre(LOW, HIGH, count)
    return curve.Nodes(_roll(s), (weight / (HIGH - LOW)).log())


def _roll(s: Tensor) -> Tensor:
    return torch.stack([s * s.cos(), s * s.sin()], dim=-1) / 5
