"""Interfaces of a training step and of the loss that it minimises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import Tensor

from ebmbench.models.interface import Model
from ebmbench.training.losses.interface import LossOutput

#: (model, batch, random stream) -> loss, as a :class:`~ebmbench.training.losses.interface.Loss`
LossFunction = Callable[[Model, Tensor, torch.Generator], LossOutput]

#: makes the context within which networks are evaluated in the precision of the settings
Autocast = Callable[[], AbstractContextManager]


class TrainingStep(Protocol):
    """One update of some of the model's parameters."""

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Update on a batch ``x: (N, D)`` with ``lr_factor`` times the learning rate; return loss and cost."""
        ...


class BatchLoss(Protocol):
    """The loss that a step minimises, as a function of the batch alone."""

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Return the loss on a batch ``x: (N, D)``; models with latents update their decoder here, hence the factor."""
        ...
