"""Excess of every coordinate beyond its tail thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ebmbench.models.statistics.beyond import Beyond, Thresholds

__all__ = ["Exceedances"]


class SoftExcess(Beyond):
    """T(x) = tau_i softplus((q - x_i) / tau_i) below and tau_i softplus((x_i - q') / tau_i) above; hard: max(0, .)."""

    labels = ("under({})", "over({})")

    def functions(self, x: Tensor) -> Tensor:
        """Return tau softplus(u)."""
        return self.tau.to(x)[:, None] * softplus(self.beyond(x))

    def slopes(self, x: Tensor) -> Tensor:
        """Return -+ sg(u), sg the logistic function."""
        return self.signs.to(x) * torch.sigmoid(self.beyond(x))

    def bends(self, x: Tensor) -> Tensor:
        """Return sg'(u) / tau."""
        p = torch.sigmoid(self.beyond(x))
        return p * (1 - p) / self.tau.to(x)[:, None]

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return max(0, tau u)."""
        return self.tau.to(x)[:, None] * self.beyond(x).relu()


@dataclass(frozen=True)
class Exceedances(Thresholds):
    """Soft excess over the 1 - ``level`` quantile and under the ``level`` quantile of each coordinate, K = 2 D.

    Thresholds as in :class:`~ebmbench.models.statistics.beyond.Thresholds`.
    """

    def fit(self, train: Tensor) -> SoftExcess:
        """Return the statistics with the training data's quantiles."""
        return SoftExcess(*self.thresholds(train))
