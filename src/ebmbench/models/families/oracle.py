"""The true density, or real data that no model has seen: the control that nothing can beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.data.interface import KnownDensity
from ebmbench.models.interface import Model, Normalised, SamplesOnly, TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Oracle"]


class TrueDensity(Normalised):
    """The data set's own log-density, with fresh samples from it."""

    differentiable = False

    def __init__(self, dataset: KnownDensity) -> None:
        super().__init__()
        self.dim = dataset.dim
        self._dataset = dataset

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)`` float64."""
        return self._dataset.log_prob(x)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n, D)`` samples of the data set."""
        return self._dataset.sample(n, generator)


class HeldOut(SamplesOnly):
    """The validation examples, used as a model's samples."""

    rows: Tensor

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        self.dim = rows.shape[1]
        self.register_buffer("rows", rows)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return at most ``n`` validation examples, without replacement: ``(min(n, N), D)``."""
        return self.rows[torch.randperm(len(self.rows), generator=generator)[:n]]


@dataclass(frozen=True)
class Oracle:
    """The true density if it is known, otherwise the validation examples."""

    losses: ClassVar[tuple[str, ...]] = ("none",)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Model:
        """Return the control; nothing is trained."""
        if isinstance(data.dataset, KnownDensity):
            return TrueDensity(data.dataset)
        return HeldOut(data.splits.val)
