"""Exponential moving average of a model's parameters."""

from __future__ import annotations

import copy

import torch

from ebmbench.models.interface import Model


class MovingAverage:
    """Copy of a model, ``model``, whose parameters are the exponential moving average of the trained parameters.

    The decay after step k is min(``decay``, k / (10 + k)): early steps count less. ``parameters``: the trained
    parameters. Frozen parameters and buffers keep the values of the start.
    """

    def __init__(self, model: Model, decay: float) -> None:
        self.decay = decay
        self.model = copy.deepcopy(model).requires_grad_(False)
        pairs = zip(model.parameters(), self.model.parameters(), strict=True)
        trained = [(own, averaged) for own, averaged in pairs if own.requires_grad and own.numel()]
        self.parameters, self._averages = map(list, zip(*trained, strict=True))

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the parameters after step ``step`` = 1, 2, ..."""
        decay = min(self.decay, step / (10 + step))
        torch._foreach_lerp_(self._averages, self.parameters, 1 - decay)
