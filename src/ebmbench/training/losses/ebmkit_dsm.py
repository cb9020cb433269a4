"""Denoising score matching by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, check_ranges
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitDenoisingScoreMatching"]


@dataclass(frozen=True)
class EbmkitDenoisingScoreMatching(PeerLoss, DifferentiatesTwice):
    """L = 1/N sum_i 1/2 |grad U(x_i + sigma e_i) - e_i / sigma|^2, by ``ebm.DenoisingScoreMatching`` of ebmkit
    (Vincent 2011).

    The optimum is the energy of the data plus sigma N(0, I). Cost: N energies and gradients in x.
    """

    sigma: PositiveFloat = 0.1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return package("ebmkit", "ebm").DenoisingScoreMatching(self.sigma)(energy, x).loss
