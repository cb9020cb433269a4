"""Four concentric rings with a normal radius."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.toy import Toy

__all__ = ["Rings"]

RADII = (0.8, 1.6, 2.4, 3.2)
SD = 0.05


@dataclass(frozen=True)
class Rings(Toy):
    """Four rings, p(x) = f(r) / (2 pi r), r = |x| > 0, f(r) = 1/4 sum_k N(r; 0.8 k, 0.05²) / Phi(0.8 k / 0.05).

    The radius is one of four normal variables truncated at zero, and the angle is uniform; p is a density per area, not
    per radius. A common toy data set (Grathwohl et al., 2019), here with a normal radius.
    """

    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "closed form"
    source = "generator of Grathwohl et al. (2019), FFJORD; radii and width chosen for ebmbench"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a ring, a radius by inverting the truncated normal's distribution function, and an angle."""
        mean = torch.tensor(RADII, dtype=torch.float64)[torch.randint(4, (n,), generator=generator)]
        u = torch.rand(n, 2, dtype=torch.float64, generator=generator)
        # the upper tail, 1 - F(r) = u Phi(mean / sd), avoids cancellation
        radius = mean - SD * torch.special.ndtri((1 - u[:, 0]) * torch.special.ndtr(mean / SD))
        angle = 2 * math.pi * u[:, 1]
        return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log f(r) - log(2 pi r)."""
        mean = torch.tensor(RADII, dtype=torch.float64)
        radius = x.double().norm(dim=-1)
        normal = -((radius[:, None] - mean) ** 2) / (2 * SD**2) - math.log(SD * math.sqrt(2 * math.pi))
        terms = normal - torch.special.log_ndtr(mean / SD) - math.log(len(RADII))
        return torch.logsumexp(terms, dim=-1) - (2 * math.pi * radius).log()

    def component(self, x: Tensor) -> Tensor:
        """Return the index of the nearest ring."""
        radius = x.double().norm(dim=-1)
        return (radius[:, None] - torch.tensor(RADII, dtype=torch.float64)).abs().argmin(-1)
