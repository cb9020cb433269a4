"""Energies of rows beside those of draws of the base measure: what noise contrast and KALE share."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.errors import UserError
from ebmbench.families.generalized import Generalized
from ebmbench.families.model import Model


def energies(loss: str, model: Model, x: Tensor, draws: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Energies relative to the model's base measure of rows ``x: (N, D)`` and of ``draws`` draws of it: (N,), (M,).

    Raises :class:`UserError`, with the name ``loss``, for a family without a base measure.
    """
    if not isinstance(model, Generalized):
        raise UserError(f"loss {loss}: the noise is a model's base measure and this family has none; exclude the cell")
    both = -model.with_draws(x, draws, generator)
    return both[: len(x)], both[len(x) :]
