"""A neural spline flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import zuko

from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import AtLeastTwo, PositiveInt, check_ranges
from ebmbench.models.distributions.zuko_flow import ZukoFlow
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Flow"]


@dataclass(frozen=True)
class Flow:
    """Neural spline flow: ``transforms`` rational-quadratic splines of ``bins`` bins (Durkan et al. 2019).

    Conditioners have two layers of ``width`` units. Each transform is autoregressive, with an inverse that takes D
    passes; or, if ``coupling``, it transforms one half of the coordinates given the other, with an inverse of two
    passes.
    """

    losses: ClassVar[tuple[str, ...]] = ("ml",)

    transforms: PositiveInt = 3
    width: PositiveInt = 64
    bins: AtLeastTwo = 8
    coupling: bool = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> ZukoFlow:
        """Return an untrained flow; ``statistic`` is ignored."""
        with seeded(generator):
            flow = zuko.flows.NSF(
                features=data.dim,
                transforms=self.transforms,
                bins=self.bins,
                hidden_features=(self.width, self.width),
                passes=2 if self.coupling else None,
            )
        return ZukoFlow(flow, data.splits.train)
