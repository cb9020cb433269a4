"""What a target with a known answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic

#: exact draws that stand in for the rows that a model would have been trained on
TRAIN_ROWS = 10_000


class KnownTarget(NamedTuple):
    """A model with its true log Z in nats and exact draws: ``exact(n, generator)`` is ``(n, D)`` float32."""

    model: Tilted
    log_z: float
    exact: Callable[[int, torch.Generator], Tensor]

    def problem(self, generator: torch.Generator) -> Problem:
        """The model to normalise, with exact draws for its train rows."""
        return Problem(self.model, self.exact(TRAIN_ROWS, generator))


def tilted(base: Normal, energy: nn.Module) -> Tilted:
    """b exp(-U) without statistics, in the precision of its parts; no parameter of it is trained."""
    return Tilted(base, energy, NoStatistic(), base.mean[None]).eval().requires_grad_(False)
