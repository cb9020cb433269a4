"""A network's energy on an implicit generator, both trained."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.energies.floored import Floored
from ebmbench.energies.mlp import MLP, layers
from ebmbench.families.generalized import WithoutDensity
from ebmbench.families.implicit import ImplicitGenerator
from ebmbench.families.model import TrainingData
from ebmbench.statistics.base import Statistic

__all__ = ["GEBMGenerator"]


@dataclass(frozen=True)
class GEBMGenerator:
    """q: the law of G(z), z with density proportional to N(z; 0, I) exp(-U(G(z)))   (Arbel, Zhou and Gretton 2021).

    G, an MLP from ``latent`` dimensions, and U, an MLP that is 0 before training, have ``depth`` hidden layers of
    ``width`` SiLU units; ``spectral`` holds U's linear maps to a norm of at most 1, and U lies above about -``floor``.
    Steps of the base alternate with those of the energy (``base_every`` of the training). There is no density in x:
    only losses that need none apply, and no metric of the density does.
    """

    latent: int = 8
    width: int = 64
    depth: int = 3
    spectral: bool = False
    floor: float = 10.0

    def __post_init__(self) -> None:
        if min(self.latent, self.width, self.depth) < 1 or self.floor <= 0:
            raise ValueError("latent, width and depth must be 1 or more, floor above 0")

    def build(self, data: TrainingData, statistic: Statistic, generator: torch.Generator) -> WithoutDensity:
        """An untrained model in single precision."""
        train = data.splits.train
        decoder = layers([self.latent, *[self.width] * self.depth, data.dim], generator)
        energy = MLP(data.dim, self.width, self.depth, generator, flat=True, spectral=self.spectral)
        return WithoutDensity(
            ImplicitGenerator(decoder, self.latent, train), Floored(energy, self.floor), statistic, train
        ).float()
