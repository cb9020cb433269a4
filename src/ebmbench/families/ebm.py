"""A network's energy on a normal base measure."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ebmbench.energies.mlp import MLP
from ebmbench.families.model import TrainingData
from ebmbench.families.normal import fitted
from ebmbench.families.tilted import Tilted
from ebmbench.statistics.base import Statistic

__all__ = ["EBM"]


@dataclass(frozen=True)
class EBM:
    """log p~(x) = log b(x) - U(x) + <eta, T~(x)> with an MLP U, SiLU or, if ``softplus``, softplus units.

    b is the normal fit of the train rows with its standard deviations times ``base_scale``: it makes every
    bounded-slope U normalisable and is the start of annealed importance sampling. ``width`` units in each of
    ``depth`` hidden layers, with linear maps of norm 1 at most if ``spectral``. A large ``base_scale`` is nearly the
    flat measure of papers that have no base.
    """

    width: int = 128
    depth: int = 4
    base_scale: float = 1.5
    softplus: bool = False
    spectral: bool = False

    def __post_init__(self) -> None:
        if self.width < 1 or self.depth < 1 or self.base_scale <= 0:
            raise ValueError("width and depth must be 1 or more, base_scale above 0")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> Tilted:
        """An untrained model in single precision."""
        activation = nn.Softplus if self.softplus else nn.SiLU
        network = MLP(data.dim, self.width, self.depth, generator, activation, spectral=self.spectral)
        train = data.splits.train
        return Tilted(fitted(train, self.base_scale), network, statistic, train).float()
