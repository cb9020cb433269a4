"""By which of two checkpoints the better one is told."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.families.generalized import Generalized
from ebmbench.families.model import Model, Normalised
from ebmbench.losses.base import Loss, Relative
from ebmbench.losses.kale import donsker_varadhan

#: draws of a base measure that a likelihood rests on: a loss's own few would choose by chance
DRAWS = 10_000


def by_likelihood(loss: Loss, model: Model) -> bool:
    """Whether :func:`nll` tells: a loss that trains an energy relative to a base measure with a density."""
    return isinstance(loss, Relative) and isinstance(model, Generalized) and isinstance(model.base, Normalised)


@torch.no_grad()
def nll(model: Generalized, x: Tensor, generator: torch.Generator, draws: int = DRAWS) -> float:
    """-mean_i log b(x_i) + mean_i E(x_i) + A_M in nats, ``x: (N, D)``, A_M from ``draws`` draws of the base b.

    The model's negative log-likelihood by importance sampling, whether b moves or not; -mean log b - KALE.
    """
    energies = -model.with_draws(x, draws, generator)
    return -float(model.base.log_density(x).mean() + donsker_varadhan(energies[: len(x)], energies[len(x) :]))
