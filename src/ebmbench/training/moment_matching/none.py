"""No statistics."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.inference.exponential_tilting import Settled
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss
from ebmbench.training.moment_matching.interface import Matching

__all__ = ["NoArm"]


@dataclass(frozen=True)
class NoArm:
    """K = 0: a model of its network, or of its base, alone."""

    def matching(self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator) -> Matching | None:
        """Nothing to do."""
        return None

    def finished(self, problem: Problem, generator: torch.Generator) -> Settled | None:
        """Nothing."""
        return None
