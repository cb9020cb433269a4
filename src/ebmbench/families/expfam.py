"""An exponential family: fixed statistics on a normal base measure, no network."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.errors import UserError
from ebmbench.families.model import TrainingData
from ebmbench.families.normal import fitted
from ebmbench.families.tilted import Tilted
from ebmbench.statistics.base import Statistic

__all__ = ["ExponentialFamily"]


@dataclass(frozen=True)
class ExponentialFamily:
    """log p~(x) = log b(x) + <eta, T~(x)>, b as in the family ``ebm``."""

    base_scale: float = 1.5

    def __post_init__(self) -> None:
        if self.base_scale <= 0:
            raise ValueError("base_scale must be above 0")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> Tilted:
        """An untrained model; raises :class:`UserError` where there are no statistics."""
        if statistic.size(data.dim) == 0:
            raise UserError("family expfam needs statistics: exclude it with stats: none")
        return Tilted(fitted(data.splits.train, self.base_scale), None, statistic, data.splits.train)
