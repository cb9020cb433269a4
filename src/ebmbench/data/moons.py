"""Two moons: two interleaved half circles with Gaussian noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data import curve
from ebmbench.data.toy import Toy

__all__ = ["Moons"]

SD = 0.2
NODES = 128


@dataclass(frozen=True)
class Moons(Toy):
    """Two moons, x = 2 m + (-1, -0.2) + 0.2 z, m on one of two half circles, z ~ N(0, I).

    The upper half circle is (cos s, sin s), the lower one (1 - cos s, 1/2 - sin s), s ~ U(0, pi), each with weight
    1/2. This is scikit-learn's ``make_moons(noise=0.1)`` with a uniform angle instead of evenly spaced angles, scaled
    as in FFJORD (Grathwohl et al., 2019).
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "Gauss-Legendre sum over the angle"
    source = "scikit-learn's make_moons, scaled as by Grathwohl et al. (2019), FFJORD"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a half circle, an angle and noise."""
        lower = torch.randint(2, (n,), generator=generator).bool()
        s = math.pi * torch.rand(n, dtype=torch.float64, generator=generator)
        noise = torch.randn(n, 2, dtype=torch.float64, generator=generator)
        return (torch.where(lower[:, None], _lower(s), _upper(s)) + SD * noise).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute the log of the integral over the angle and the two half circles."""
        return curve.log_prob(x, nodes(NODES), partial(curve.log_normal, sd=SD))


@cache
def nodes(count: int) -> curve.Nodes:
    """Return ``count`` quadrature nodes on each half circle."""
    s, weight = curve.gauss_legendre(0.0, math.pi, count)
    return curve.Nodes(torch.cat([_upper(s), _lower(s)]), (weight / (2 * math.pi)).log().repeat(2))


def _upper(s: Tensor) -> Tensor:
    return torch.stack([2 * s.cos() - 1, 2 * s.sin() - 0.2], dim=-1)


def _lower(s: Tensor) -> Tensor:
    return torch.stack([1 - 2 * s.cos(), 0.8 - 2 * s.sin()], dim=-1)
