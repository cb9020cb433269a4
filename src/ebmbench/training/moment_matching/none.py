"""No moment matching."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss
from ebmbench.training.moment_matching.interface import MatchingState

__all__ = ["NoMatching"]


@dataclass(frozen=True)
class NoMatching:
    """K = 0: a model of its network alone, or of its base measure alone."""

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Return None."""
        return None

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Return None."""
        return None
