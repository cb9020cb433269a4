"""An energy network on an implicit generator, both trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.core.ranges import PositiveInt
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.distributions.implicit import ImplicitGenerator
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.mlp import layers
from ebmbench.models.networks.refining import RefiningEnergy
from ebmbench.models.statistics.interface import Definition

__all__ = ["GEBMGenerator"]


@dataclass(frozen=True)
class GEBMGenerator(RefiningEnergy):
    """Generalized EBM: x = G(z), p(z) prop. to N(z; 0, I) exp(-U(G(z)))   (Arbel, Zhou and Gretton 2021).

    U is a :class:`~ebmbench.models.networks.refining.RefiningEnergy`, G an MLP from ``latent`` dimensions with the same
    depth and width. Steps of the base alternate with those of the energy (``base_every`` of the training). There is no
    density in x: losses and metrics that need a density do not apply.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    latent: PositiveInt = 8

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> WithoutDensity:
        """Return an untrained model in single precision."""
        train = data.splits.train
        decoder = layers([self.latent, *[self.width] * self.depth, data.dim], generator)
        base = ImplicitGenerator(decoder, self.latent, train)
        return WithoutDensity(base, self.energy(data.dim, generator), statistic, train).float()
