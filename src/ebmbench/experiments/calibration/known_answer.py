"""Targets with known log Z and exact samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.statistics.none import NoStatistic

#: number of exact samples that replace the training examples of a model
TRAIN_ROWS = 10_000


class KnownTarget(NamedTuple):
    """A model with its true log Z in nats and exact samples: ``exact(n, generator)`` is ``(n, D)`` float32."""

    model: Tilted
    log_z: float
    exact: Callable[[int, torch.Generator], Tensor]

    def problem(self, generator: torch.Generator) -> Problem:
        """Return the model to normalise, with exact samples as its training examples."""
        return Problem(self.model, self.exact(TRAIN_ROWS, generator))


def tilted(base: Normal, energy: nn.Module) -> Tilted:
    """Return b exp(-U) without statistics, in the precision of its parts; none of its parameters is trainable."""
    return Tilted(base, energy, NoStatistic(), base.mean[None]).eval().requires_grad_(False)
