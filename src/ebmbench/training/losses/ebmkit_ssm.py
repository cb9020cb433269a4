"""Sliced score matching by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitSlicedScoreMatching"]


@dataclass(frozen=True)
class EbmkitSlicedScoreMatching(PeerLoss, DifferentiatesTwice):
    """L = 1/N sum_i [1/2 |grad U(x_i)|^2 - v' H(x_i) v], H the Hessian of U, by ``ebm.SlicedScoreMatching`` of ebmkit
    (Song et al. 2019).

    v ~ N(0, I), averaged over ``projections`` directions. Cost: N energies, N (1 + projections) gradients in x.
    """

    projections: PositiveInt = 1
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return package("ebmkit", "ebm").SlicedScoreMatching(self.projections)(energy, x).loss

    def second_derivatives(self, x: Tensor) -> int:
        """Return one per projection."""
        return self.projections
