"""A flow of affine couplings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import nn

from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.distributions.couplings import AffineCouplings
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["NVP"]


@dataclass(frozen=True)
class NVP:
    """Real NVP: ``couplings`` affine couplings, each of one half of the coordinates given the other (Dinh et al. 2017).

    Conditioners have two layers of ``width`` units. One coupling is a weak flow: half of the coordinates stay normal. A
    coupling stretches or shrinks by less than ``max_scale``: with 1,000 single outliers can end training on tables.
    """

    losses: ClassVar[tuple[str, ...]] = ("ml",)

    couplings: PositiveInt = 5
    width: PositiveInt = 100
    max_scale: Annotated[float, Gt(1)] = 5.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> AffineCouplings:
        """Return an untrained flow; ``statistic`` is ignored."""
        even, odd = (data.dim + 1) // 2, data.dim // 2
        sizes = [(even, odd), (odd, even)]
        with seeded(generator):
            conditioners = [self._conditioner(*sizes[k % 2]) for k in range(self.couplings)]
        return AffineCouplings(conditioners, data.splits.train, self.max_scale)

    def _conditioner(self, given: int, moved: int) -> nn.Sequential:
        hidden = nn.Linear(given, self.width), nn.ReLU(inplace=True), nn.Linear(self.width, self.width)
        return nn.Sequential(*hidden, nn.ReLU(inplace=True), nn.Linear(self.width, 2 * moved))
