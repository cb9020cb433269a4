"""A normal distribution in eight dimensions, in place of a table of measurements whose density is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt
from ebmbench.data.drawn import Drawn
from ebmbench.data.interface import KnownDensity
from ebmbench.experiments.calibration.gaussians import distribution
from ebmbench.models.distributions.normal import Normal


@dataclass(frozen=True)
class NormalTable(Drawn, KnownDensity):
    """N(m, S) in eight dimensions, the target ``gaussian8`` of the log Z study: correlated, with unequal scales."""

    train: PositiveInt = 1000
    val: PositiveInt = 1000
    test: PositiveInt = 1000

    dim = 8
    density = "closed form"
    source = "designed for ebmbench"

    @cached_property
    def normal(self) -> Normal:
        """The distribution."""
        return distribution(self.dim)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from the normal distribution."""
        return self.normal.sample(n, generator).float()

    def log_prob(self, x: Tensor) -> Tensor:
        """Compute log N(x; m, S)."""
        return self.normal.log_density(x.double())
