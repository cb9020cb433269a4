"""The control that any trained model must beat: the base measure alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.families.model import TrainingData
from ebmbench.families.normal import Normal, fitted
from ebmbench.statistics.base import Statistic

__all__ = ["Base"]


@dataclass(frozen=True)
class Base:
    """b = N(m, base_scale^2 C), m and C of the train rows: an ``ebm`` before training, without its network."""

    base_scale: float = 1.5

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> Normal:
        """The base measure; ``statistic`` and ``generator`` have no part in it."""
        return fitted(data.splits.train, self.base_scale)
