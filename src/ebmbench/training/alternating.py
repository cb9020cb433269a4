"""A base measure that is trained beside its energy: whose turn it is, and the loss of its steps."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Generator, Model
from ebmbench.training.losses.interface import BaseRelativeLoss, Loss, LossOutput
from ebmbench.training.losses.kale import donsker_varadhan

#: steps of the base after which its energy is trained longer again
RENEWED = 500


class AlternatingSchedule:
    """Counts steps k = 1, 2, ...: the base's are those above ``first`` that n + 1 divides   (Arbel et al. 2021).

    n, the steps of the energy between two of the base, is ``first`` before each of the first two and after every
    500th, else ``every``; k is counted from the beginning, so that those bursts need not be whole.
    """

    def __init__(self, first: int, every: int) -> None:
        self.first, self.every = first, every
        self.steps = self.base_steps = 0

    def of_base(self) -> bool:
        """Whether the next step is the base's."""
        self.steps += 1
        long = self.base_steps < 2 or self.base_steps % RENEWED == 0
        between = self.first if long else self.every
        turn = self.steps > self.first and self.steps % (between + 1) == 0
        self.base_steps += turn
        return turn


def trainable_base_parameters(model: Model) -> list[nn.Parameter]:
    """The parameters of a model's base measure that take turns with its energy; none where it stands still.

    And none of a decoder that follows what it decodes.
    """
    if not isinstance(model, Generalized) or isinstance(model, LatentVariableModel):
        return []
    return [parameter for parameter in model.base.parameters() if parameter.requires_grad and parameter.numel()]


def base_loss(loss: Loss, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput:
    """-mean_i E(x_i) - A_M from M = nu N draws y = G(z) of the base, its gradient through them: KALE, to be made small.

    The gradient in the base's parameters is that of E_q[grad E(y) . dy], draws weighed by exp(-E): the energy stands
    still (Arbel, Zhou and Gretton 2021). Raises :class:`UserError` for a loss that knows no draws of the base, or a
    base whose draws have no gradient.
    """
    if not isinstance(loss, BaseRelativeLoss) or not isinstance(model.base, Generator):
        raise UserError("a base measure is trained with its energy by kale_f, kale_dv or nce only, and as a generator")
    y = model.base.decode(model.base.latent.sample(loss.nu * len(x), generator).to(x.dtype))
    energies = -model.log_weight(torch.cat([x, y]))
    return LossOutput(donsker_varadhan(energies[: len(x)], energies[len(x) :]), {}, len(energies))
