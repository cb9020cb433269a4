"""Sliced score matching by torchebm."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from torch import Tensor, nn

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.losses.peer_loss import TorchebmLoss

__all__ = ["TorchebmSlicedScoreMatching"]


@dataclass(frozen=True)
class TorchebmSlicedScoreMatching(TorchebmLoss, DifferentiatesTwice):
    """L = mean of 1/2 (v' grad U(x))^2 - v' H(x) v, H the Hessian of U, by ``SlicedScoreMatching`` of torchebm
    (Song et al. 2019).

    v: ``projections`` random sign vectors per example; the example is evaluated anew for each. Cost: N projections
    energies, and 2 N projections gradients in x.
    """

    projections: PositiveInt = 5
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return losses.SlicedScoreMatching(model, self.projections, **where)(x)

    def second_derivatives(self, x: Tensor) -> int:
        """Return one per projection."""
        return self.projections
