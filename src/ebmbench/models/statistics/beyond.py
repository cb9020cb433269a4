"""Functions of the distance of a coordinate beyond a lower and an upper threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt, Lt
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.models.statistics.coordinatewise import Coordinatewise
from ebmbench.models.statistics.interface import Definition


class Beyond(nn.Module, Coordinatewise):
    """Base class of T(x) = f((q - x_i) / tau_i), f((x_i - q') / tau_i) with thresholds q < q'."""

    levels: Tensor
    tau: Tensor
    signs: Tensor

    def __init__(self, levels: Tensor, tau: Tensor) -> None:
        """``levels: (D, 2)``, lower and upper; ``tau: (D,)``."""
        super().__init__()
        self.register_buffer("levels", levels)
        self.register_buffer("tau", tau)
        self.register_buffer("signs", torch.tensor([-1.0, 1.0], dtype=torch.float64), persistent=False)

    def beyond(self, x: Tensor) -> Tensor:
        """Return (q - x) / tau and (x - q') / tau for ``x: (B, D)``, ``(B, D, 2)``."""
        return self.signs.to(x) * (x[..., None] - self.levels.to(x)) / self.tau.to(x)[:, None]


@dataclass(frozen=True)
class Thresholds(Definition):
    """The ``level`` and 1 - ``level`` quantiles of each coordinate; tau is ``softness`` standard deviations."""

    level: Annotated[float, Gt(0), Lt(0.5)] = 0.05
    softness: PositiveFloat = 0.1

    def __post_init__(self) -> None:
        check_ranges(self)

    def thresholds(self, train: Tensor) -> tuple[Tensor, Tensor]:
        """Return the quantiles ``(D, 2)`` and tau ``(D,)`` of the training data ``train: (N, D)``."""
        rows = train.double()
        at = torch.tensor([self.level, 1 - self.level], dtype=torch.float64, device=train.device)
        return torch.quantile(rows, at, dim=0).T.contiguous(), self.softness * rows.std(0)
