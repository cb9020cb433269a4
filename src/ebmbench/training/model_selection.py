"""By which of two checkpoints the better one is told, and the best so far."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor

from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Model, Normalised
from ebmbench.training.losses.interface import BaseRelativeLoss, Loss
from ebmbench.training.losses.kale import donsker_varadhan

#: draws of a base measure that a likelihood rests on: a loss's own few would choose by chance
DRAWS = 10_000


def by_likelihood(loss: Loss, model: Model) -> bool:
    """Whether :func:`nll` tells: a loss that trains an energy relative to a base measure with a density."""
    return isinstance(loss, BaseRelativeLoss) and isinstance(model, Generalized) and isinstance(model.base, Normalised)


@torch.no_grad()
def importance_sampling_nll(model: Generalized, x: Tensor, generator: torch.Generator, draws: int = DRAWS) -> float:
    """-mean_i log b(x_i) + mean_i E(x_i) + A_M in nats, ``x: (N, D)``, A_M from ``draws`` draws of the base b.

    The model's negative log-likelihood by importance sampling, whether b moves or not; -mean log b - KALE. Where the
    model knows its A, it is exact.
    """
    known = model.log_z()
    if known is not None:
        return float((known - model.log_density(x).mean()).detach())
    energies = -model.with_draws(x, draws, generator)
    return -float(model.base.log_density(x).mean() + donsker_varadhan(energies[: len(x)], energies[len(x) :]))


class Best:
    """The best of the models that were offered, the one before the first step among them: lower values are better.

    ``model`` and its ``step``, None as long as none had a finite value; ``waited``: offers since it stands.
    """

    def __init__(self) -> None:
        self.model: Model | None = None
        self.step, self.value, self.waited = 0, math.inf, 0

    def offer(self, model: Model, step: int, value: float) -> None:
        """Keep a copy of ``model`` if its ``value`` is the least so far."""
        self.waited += 1
        if value < self.value:
            self.model, self.step, self.value, self.waited = copy.deepcopy(model), step, value, 0
