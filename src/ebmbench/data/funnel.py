"""Funnel: normal coordinates whose scale is the exponential of another normal coordinate."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.ranges import AtLeastTwo, PositiveFloat, PositiveInt
from ebmbench.data.curve import log_normal
from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity

__all__ = ["Funnel"]


@dataclass(frozen=True)
class Funnel(Drawn, KnownDensity):
    """Funnel p(v, y) = N(v; 0, sd²) prod_i N(y_i; 0, exp(v)), x = (v, y) in ``dim`` dimensions.

    Its entropy is D/2 log(2 pi e) + log sd. With the default settings the distribution of Neal (2003), Slice sampling,
    Annals of Statistics 31(3), section 8; a smaller ``sd`` makes a milder funnel.
    """

    dim: AtLeastTwo = 10
    sd: PositiveFloat = 3.0
    train: PositiveInt = 50_000
    val: PositiveInt = 10_000
    test: PositiveInt = 10_000

    density = "closed form"
    source = "Neal (2003), Slice sampling"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw v, then the other coordinates with its scale."""
        z = torch.randn(n, self.dim, dtype=torch.float64, generator=generator)
        v = self.sd * z[:, :1]
        return torch.cat([v, (v / 2).exp() * z[:, 1:]], dim=-1).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log N(v; 0, sd²) + sum_i log N(y_i; 0, exp(v))."""
        v, y = x[:, :1].double(), x[:, 1:].double()
        scaled = log_normal(y * (-v / 2).exp(), 1.0) - v / 2
        return log_normal(v[:, 0], self.sd) + scaled.sum(-1)
