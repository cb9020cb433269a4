"""Gradient penalty on top of any loss, with lazy regularisation."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.interface import Model
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.losses.gradient_penalty import gradient_penalty
from ebmbench.training.losses.interface import LossOutput
from ebmbench.training.steps.interface import LossFunction


class PenalisedLoss:
    """``loss`` + ``strength`` x gradient penalty.

    The penalty is evaluated in every ``every``-th step only, ``every`` times as strong (Karras et al. 2020); ``costs``
    counts the steps.
    """

    def __init__(self, loss: LossFunction, strength: float, every: int, costs: CostTracker) -> None:
        self.loss, self.strength, self.every, self.costs = loss, strength * every, every, costs

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Return the loss on ``x: (N, D)``, with the cost of the penalty."""
        output = self.loss(model, x, generator)
        if self.costs.step % self.every:
            return output
        penalty = gradient_penalty(model, x, generator)
        return output.plus(LossOutput(self.strength * penalty, {}, len(x), len(x)))
