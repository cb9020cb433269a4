"""Noise-contrastive estimation with the base measure as noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.interface import Model
from ebmbench.training.losses.base_samples import energies
from ebmbench.training.losses.interface import BaseRelativeLoss, LossOutput

__all__ = ["NoiseContrastiveEstimation"]


@dataclass(frozen=True)
class NoiseContrastiveEstimation(BaseRelativeLoss):
    """L = 1/N sum_i softplus(-G(x_i)) + 1/N sum_j softplus(G(y_j)), y_1..y_{nu N} ~ b   (Gutmann & Hyvarinen 2010).

    G(x) = log p~(x) - log b(x) - log nu is the log-odds of data against ``nu`` noise points per example. The noise is
    the model's own base measure b, so log p~ - log b is the tilt alone. The network's free constant is the
    log-normaliser: at the optimum log Z = 0. Cost: N (1 + nu) energies.
    """

    nu: PositiveInt = 4
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the logistic loss of ``x: (N, D)`` against noise, per example.

        Raises :class:`UserError` without a base measure.
        """
        data, other = (-energy - math.log(self.nu) for energy in energies("nce", model, x, self.nu * len(x), generator))
        loss = softplus(-data).mean() + self.nu * softplus(other).mean()
        return LossOutput(loss, {}, len(x) * (1 + self.nu))
