"""Loss on validation samples during training."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.interface import Model
from ebmbench.training.losses.interface import Loss

#: validation samples on which the loss is evaluated, at most
VALIDATION_SAMPLES = 2000


class Validation:
    """The loss on the first 2,000 validation samples ``x: (N_v, D)``, with the same noise at every checkpoint."""

    def __init__(self, loss: Loss, x: Tensor, seed: int) -> None:
        self.loss, self.x, self.seed = loss, x[:VALIDATION_SAMPLES], seed

    def stream(self) -> torch.Generator:
        """Return the random stream of a checkpoint, from its beginning."""
        return torch.Generator(device=self.x.device).manual_seed(self.seed)

    def loss_of(self, model: Model) -> float:
        """Return the validation loss of ``model``."""
        return self._loss(model, self.x, self.stream())

    def _loss(self, model: Model, x: Tensor, stream: torch.Generator) -> float:
        return float(self.loss(model, x, stream).loss.detach())
