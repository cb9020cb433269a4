"""Alternating steps of a base measure and its energy: the schedule, and the loss of the base."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.core.state import NamedState
from ebmbench.models.distributions.decoder import LatentVariableModel
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Generator, Model
from ebmbench.training.losses.interface import BaseRelativeLoss, Loss, LossOutput
from ebmbench.training.losses.kale import donsker_varadhan
from ebmbench.training.steps.interface import TrainingStep

#: number of base steps after which the energy has another long burst
BURST_EVERY = 500


class AlternatingSchedule(NamedState):
    """Decides which of the steps k = 1, 2, ... train the base: those above ``first`` that n + 1 divides.

    n, the number of energy steps between two base steps, is ``first`` before each of the first two and after every
    500th, else ``every``; k is counted from the beginning, so these bursts can be shorter than n (Arbel et al. 2021).
    """

    state_names: ClassVar = ("steps", "base_steps")

    def __init__(self, first: int, every: int) -> None:
        self.first, self.every = first, every
        self.steps = self.base_steps = 0

    def next_is_base(self) -> bool:
        """Advance by one step and return True if it trains the base."""
        self.steps += 1
        long = self.base_steps < 2 or self.base_steps % BURST_EVERY == 0
        between = self.first if long else self.every
        turn = self.steps > self.first and self.steps % (between + 1) == 0
        self.base_steps += turn
        return turn


class AlternatingStep:
    """A step of the energy or of the base, as ``schedule`` decides."""

    def __init__(self, energy: TrainingStep, base: TrainingStep, schedule: AlternatingSchedule) -> None:
        self.energy, self.base, self.schedule = energy, base, schedule

    def __call__(self, x: Tensor, lr_factor: float) -> LossOutput:
        """Update energy or base on ``x: (N, D)``."""
        return self.base(x, lr_factor) if self.schedule.next_is_base() else self.energy(x, lr_factor)


def trainable_base_parameters(model: Model) -> list[nn.Parameter]:
    """Return the parameters of the base measure that alternate with the energy; empty if the base is frozen.

    Decoders of latent-variable models are not among them: they are updated at every step.
    """
    if not isinstance(model, Generalized) or isinstance(model, LatentVariableModel):
        return []
    return [parameter for parameter in model.base.parameters() if parameter.requires_grad and parameter.numel()]


def base_loss(loss: Loss, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput:
    """Return KALE, -mean_i E(x_i) - A_M, which the base minimises; M = nu N samples y = G(z) of the base.

    The gradient in the base's parameters runs through the samples: it is that of E_q[grad E(y) . dy], with samples
    weighted by exp(-E), and the energy is frozen (Arbel, Zhou and Gretton 2021). Raises :class:`UserError` for a loss
    that does not use samples of the base, or a base whose samples have no gradient.
    """
    if not isinstance(loss, BaseRelativeLoss) or not isinstance(model.base, Generator):
        raise UserError("a base measure is trained with its energy by kale_f, kale_dv or nce only, and as a generator")
    y = model.base.decode(model.base.latent.sample(loss.nu * len(x), generator).to(x.dtype))
    energies = -model.log_weight(torch.cat([x, y]))
    return LossOutput(donsker_varadhan(energies[: len(x)], energies[len(x) :]), {}, len(energies))
