"""The base measure alone: the control that any trained model must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Base"]


@dataclass(frozen=True)
class Base(OnNormal):
    """The base measure b of :class:`OnNormal` alone: an ``ebm`` before training, without its network."""

    losses: ClassVar[tuple[str, ...]] = ("none",)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Normal:
        """Return the base measure; ``statistic`` and ``generator`` are ignored."""
        return self.measure(data.splits.train)
