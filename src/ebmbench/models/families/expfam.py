"""An exponential family: fixed statistics on a normal base measure, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["ExponentialFamily"]


@dataclass(frozen=True)
class ExponentialFamily(OnNormal):
    """Exponential family: log p~(x) = log b(x) + <eta, T~(x)>, b the normal base of ``ebm``."""

    provides: ClassVar[tuple[str, ...]] = ("statistics",)
    requires: ClassVar[tuple[str, ...]] = ("statistics",)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Tilted:
        """Return an untrained model; raises :class:`UserError` if there are no statistics."""
        model = Tilted(self.measure(data.splits.train), None, statistic, data.splits.train)
        if not len(model.eta):
            raise UserError("family expfam needs statistics: exclude it with stats: none")
        return model
