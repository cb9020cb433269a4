"""A flow of affine couplings."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import zuko

from ebmbench.families.model import TrainingData
from ebmbench.families.zuko_flow import ZukoFlow
from ebmbench.randomness import seeded
from ebmbench.statistics.base import Statistic

__all__ = ["NVP"]


@dataclass(frozen=True)
class NVP:
    """``couplings`` affine couplings, each of one half of the coordinates given the other (Dinh et al. 2017).

    Conditioners have two layers of ``width`` units. One coupling is a weak flow: half of the coordinates stay normal.
    """

    couplings: int = 5
    width: int = 100

    def __post_init__(self) -> None:
        if min(self.couplings, self.width) < 1:
            raise ValueError("couplings and width must be 1 or more")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> ZukoFlow:
        """An untrained flow; ``statistic`` has no part in it."""
        with seeded(generator):
            flow = zuko.flows.RealNVP(
                features=data.dim, transforms=self.couplings, hidden_features=(self.width, self.width)
            )
        return ZukoFlow(flow, data.splits.train)
