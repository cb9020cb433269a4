"""The normal distribution with the training data's mean and covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ebmbench.models.distributions.normal import Normal, fitted
from ebmbench.models.interface import TrainingData
from ebmbench.models.statistics.interface import Definition

__all__ = ["Gaussian"]


@dataclass(frozen=True)
class Gaussian:
    """Normal distribution N(m, C) with the training data's mean and 1/N covariance: the maximum-likelihood fit."""

    losses: ClassVar[tuple[str, ...]] = ("none", "ml")

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Normal:
        """Return the fitted model; ``statistic`` and ``generator`` are ignored."""
        return fitted(data.splits.train)
