"""Base measures, their samples and energies, shared by noise-contrastive estimation, KALE and short chains."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Model


def energies(loss: str, model: Model, x: Tensor, draws: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Compute energies relative to the base measure, ``(N,)`` and ``(M,)``, of ``x`` and of M = ``draws`` base samples.

    ``x: (N, D)``. Raises :class:`UserError`, with the name ``loss``, for a family without a base measure.
    """
    both = -with_base(loss, model).with_draws(x, draws, generator)
    return both[: len(x)], both[len(x) :]


def with_base(loss: str, model: Model) -> Generalized:
    """Return ``model`` if it has a base measure; raises as :func:`energies`."""
    if not isinstance(model, Generalized):
        raise UserError(f"loss {loss}: it samples a model's base measure, and this family has none; exclude the cell")
    return model
