"""Conditional noise-contrastive estimation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.interface import Model
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import LossOutput

__all__ = ["ConditionalNoiseContrast"]


@dataclass(frozen=True)
class ConditionalNoiseContrast:
    """L = 1/(N K) sum_ij softplus(U(x_i) - U(x_ij)), x_ij = x_i + sqrt(s) e_ij   (Ceylan & Gutmann 2018).

    K = ``noises`` independent points around each example; ``s`` is a VARIANCE in squared data units. The kernel is
    symmetric, so it cancels. With K = 1 the loss is energy discrepancy with M = 1, w = 1, t = s / 2; for K > 1 it is a
    mean of logs where energy discrepancy has the log of a mean. Cost: N (1 + K) energies.
    """

    s: PositiveFloat = 1.0
    noises: PositiveInt = 4
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the logistic loss of ``x: (N, D)`` against its noisy neighbours, in nats.

        Raises :class:`UserError` without a density.
        """
        around = x[:, None].expand(-1, self.noises, -1)
        around = around + math.sqrt(self.s) * normal_like(around, generator)
        points = torch.cat([x[:, None], around], dim=1)
        energies = density_of(model).energy(points.flatten(0, 1)).unflatten(0, points.shape[:2])
        return LossOutput(softplus(energies[:, :1] - energies[:, 1:]).mean(), {}, len(x) * (1 + self.noises))
