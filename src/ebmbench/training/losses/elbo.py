"""Negative evidence lower bound of a variational autoencoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.models.families.vae import Autoencoder
from ebmbench.models.interface import Model
from ebmbench.training.losses.interface import LossOutput

__all__ = ["EvidenceBound"]


@dataclass(frozen=True)
class EvidenceBound:
    """L = 1/N sum_i ( |G(z_i) - x_i|^2 / (2 sigma^2) + KL(q(z | x_i) || N(0, I)) ), z_i ~ q(z | x_i)
    (Kingma and Welling 2014).

    This is minus the evidence lower bound, without its constant. Cost: N decodings.
    """

    requires: ClassVar[tuple[str, ...]] = ("encoder",)

    comparable: ClassVar[bool] = True

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)``; raises :class:`UserError` for a model without an encoder."""
        if not isinstance(model, Autoencoder):
            raise UserError("loss elbo is for family vae only; exclude the cell")
        return LossOutput(model.bound(x, generator).mean(), {}, len(x))
