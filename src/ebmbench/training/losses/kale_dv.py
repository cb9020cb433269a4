"""KALE in the Donsker-Varadhan form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.interface import Model
from ebmbench.training.losses.base_samples import energies, with_base
from ebmbench.training.losses.interface import BaseRelativeLoss, LossOutput
from ebmbench.training.losses.kale import donsker_varadhan, log_partition, log_partition_logs

__all__ = ["KALEDonskerVaradhan"]


@dataclass(frozen=True)
class KALEDonskerVaradhan(BaseRelativeLoss):
    """L = 1/N sum_i E(x_i) + log 1/M sum_j exp(-E(y_j)), y_1..y_{nu N} ~ b   (Arbel, Zhou and Gretton 2021).

    E is the energy relative to the model's base measure b. -L is a lower bound of KL(data || b) as M goes to infinity;
    at finite M the log of a mean makes it too large on average, which training can exploit. Up to a constant of the
    data it is the negative log-likelihood with log Z estimated from M samples of b. Cost: N (1 + nu) energies.
    """

    nu: PositiveInt = 8
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute minus the bound on ``x: (N, D)``, in nats; raises :class:`UserError` without a base measure."""
        refined = with_base("kale_dv", model)
        data, base = energies("kale_dv", refined, x, self.nu * len(x), generator)
        return LossOutput(
            -donsker_varadhan(data, base), log_partition_logs(refined, log_partition(base)), len(data) + len(base)
        )
