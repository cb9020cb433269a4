"""Loss of latent-variable models: it sees latents that the model infers; the decoder has its own loss and optimizer."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.interface import Model
from ebmbench.training.losses.interface import LossOutput
from ebmbench.training.optimizer import Optimizer
from ebmbench.training.steps.interface import Autocast, LossFunction
from ebmbench.training.validation import Validation


class LatentLoss:
    """The loss of the energy of latents, inferred for each batch with noise from ``stream``.

    ``decoder``: the optimizer of the decoder.
    """

    def __init__(
        self,
        loss: LossFunction,
        model: LatentVariableModel,
        stream: torch.Generator,
        autocast: Autocast,
        decoder: Optimizer,
    ) -> None:
        self.loss, self.model, self.stream, self.autocast, self.decoder = loss, model, stream, autocast, decoder

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Infer latents of ``x: (N, D)``, update the decoder, return the energy's loss with the cost of all."""
        with self.autocast():
            subject = self.model.subject(x, self.stream)
        self.decoder.step(subject.own, lr_factor)
        with self.autocast():
            output = self.loss(subject.model, subject.rows, self.stream)
        output = output.costing(subject.cost)
        return output._replace(logs={**output.logs, "decoder_loss": subject.own.detach()})


class LatentValidation(Validation):
    """The loss on latents that the model infers from the validation samples."""

    def loss_of(self, model: Model) -> float:
        """Return the validation loss of ``model``; inference and loss use the same stream.

        Raises :class:`TypeError` for a model without latents.
        """
        if not isinstance(model, LatentVariableModel):
            raise TypeError(f"{type(model).__name__} infers no latents")
        stream = self.stream()
        energy, latents = model.subject(self.x, stream)[:2]
        return self._loss(energy, latents, stream)
