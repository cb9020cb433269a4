"""Denoising score matching by torchebm."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from torch import Tensor, nn

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.losses.peer_loss import TorchebmLoss

__all__ = ["TorchebmDenoisingScoreMatching"]


@dataclass(frozen=True)
class TorchebmDenoisingScoreMatching(TorchebmLoss, DifferentiatesTwice):
    """L = 1/N sum_i 1/2 |grad U(x_i + sigma e_i) - e_i / sigma|^2, by ``DenoisingScoreMatching`` of torchebm
    (Vincent 2011).

    At the optimum exp(-U) is the density of the data plus sigma N(0, I). torchebm has this sign since 0.8.9; 0.8.0 had
    that of -U. Cost: N energies and gradients in x.
    """

    sigma: PositiveFloat = 0.1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return losses.DenoisingScoreMatching(model, self.sigma, **where)(x)
