"""Training step of a model whose natural parameters are found by moment matching."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import LossOutput
from ebmbench.training.moment_matching.interface import MatchingState
from ebmbench.training.optimizer import Optimizer
from ebmbench.training.steps.interface import Autocast, BatchLoss


class MatchedStep:
    """One step of ``optimizer`` on ``loss`` plus the term of the method, then the method's own update.

    ``stream``: randomness of the method.
    """

    def __init__(
        self,
        loss: BatchLoss,
        optimizer: Optimizer,
        matching: MatchingState,
        model: Generalized,
        stream: torch.Generator,
        autocast: Autocast,
    ) -> None:
        self.loss, self.optimizer, self.matching = loss, optimizer, matching
        self.model, self.stream, self.autocast = model, stream, autocast

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Update on ``x: (N, D)``; the cost includes the method's."""
        output = self.loss(x, lr_factor)
        with self.autocast():
            added = self.matching.added(self.model, x, self.stream)
        if added is not None:
            output = output.plus(added)
        self.optimizer.step(output.loss, lr_factor)
        return output.costing(self.matching.moved(self.model, x, self.stream))
