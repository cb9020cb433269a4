"""Plain training step: the loss of the model on a batch, one step of the optimizer, a record in the curve."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.interface import Model
from ebmbench.training.curve import Curve
from ebmbench.training.losses.interface import LossOutput
from ebmbench.training.optimizer import Optimizer
from ebmbench.training.steps.interface import Autocast, BatchLoss, LossFunction, TrainingStep


class ModelLoss:
    """A loss of ``model`` on batches, with noise from ``stream``."""

    def __init__(self, loss: LossFunction, model: Model, stream: torch.Generator, autocast: Autocast) -> None:
        self.loss, self.model, self.stream, self.autocast = loss, model, stream, autocast

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Return the loss on ``x: (N, D)``."""
        with self.autocast():
            return self.loss(self.model, x, self.stream)


class PlainStep:
    """One step of ``optimizer`` on ``loss``."""

    def __init__(self, loss: BatchLoss, optimizer: Optimizer) -> None:
        self.loss, self.optimizer = loss, optimizer

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Update on ``x: (N, D)``."""
        output = self.loss(x, lr_factor)
        self.optimizer.step(output.loss, lr_factor)
        return output


class RecordedStep:
    """A step whose loss and logs go into the training curve."""

    def __init__(self, step: TrainingStep, curve: Curve) -> None:
        self.step, self.curve = step, curve

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Update on ``x: (N, D)`` and record."""
        output = self.step(x, lr_factor)
        self.curve.record(output)
        return output
