"""An energy network on a normal base measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from ebmbench.core.ranges import PositiveInt
from ebmbench.models.distributions.on_normal import OnNormal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.interface import Definition

__all__ = ["EBM"]


@dataclass(frozen=True)
class EBM(OnNormal):
    """Energy-based model: log p~(x) = log b(x) - U(x) + <eta, T~(x)>, U an MLP with SiLU units.

    Units are softplus if ``softplus``. b is the base measure of
    :class:`~ebmbench.models.distributions.on_normal.OnNormal`. U has ``width`` units in each of ``depth`` hidden
    layers, with linear maps of norm at most 1 if ``spectral``.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    width: PositiveInt = 128
    depth: PositiveInt = 4
    softplus: bool = False
    spectral: bool = False

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Tilted:
        """Return an untrained model in single precision."""
        activation = nn.Softplus if self.softplus else nn.SiLU
        network = MLP(data.dim, self.width, self.depth, generator, activation, spectral=self.spectral)
        train = data.splits.train
        return Tilted(self.measure(train), network, statistic, train).float()
