"""Images of uniform noise: the control that any model of images must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.models.interface import SamplesOnly, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Noise"]


class UniformPixels(SamplesOnly):
    """The distribution of D independent numbers, each uniform in [-1, 1]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples."""
        return 2 * torch.rand(n, self.dim, generator=generator, device=generator.device) - 1


@dataclass(frozen=True)
class Noise:
    """Images whose pixels are independent and uniform over the levels: the ceiling of distances between images."""

    losses: ClassVar[tuple[str, ...]] = ("none",)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> UniformPixels:
        """Return the control in the data's dimension; nothing is trained."""
        return UniformPixels(data.dim)
