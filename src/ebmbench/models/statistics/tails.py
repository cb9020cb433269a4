"""Probability mass in the tails of every coordinate."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.models.statistics.beyond import Beyond, Thresholds

__all__ = ["Tails"]


class SoftTails(Beyond):
    """T(x) = sg((q - x_i) / tau_i) below the lower threshold q and sg((x_i - q') / tau_i) above the upper one q'.

    sg is the logistic function; hard: indicators.
    """

    labels = ("low({})", "high({})")

    def functions(self, x: Tensor) -> Tensor:
        """Return sg(u)."""
        return torch.sigmoid(self.beyond(x))

    def slopes(self, x: Tensor) -> Tensor:
        """Return -+ sg'(u) / tau."""
        p = self.functions(x)
        return self.signs.to(x) * p * (1 - p) / self.tau.to(x)[:, None]

    def bends(self, x: Tensor) -> Tensor:
        """Return sg''(u) / tau^2."""
        p = self.functions(x)
        return p * (1 - p) * (1 - 2 * p) / self.tau.to(x)[:, None].square()

    def hard_functions(self, x: Tensor) -> Tensor:
        """Return 1 beyond the threshold, else 0."""
        return (self.beyond(x) > 0).to(x)


@dataclass(frozen=True)
class Tails(Thresholds):
    """Soft indicators of the values beyond the ``level`` and 1 - ``level`` quantiles of each coordinate, K = 2 D.

    Thresholds as in :class:`~ebmbench.models.statistics.beyond.Thresholds`.
    """

    def fit(self, train: Tensor) -> SoftTails:
        """Return the statistics with the training data's quantiles."""
        return SoftTails(*self.thresholds(train))
