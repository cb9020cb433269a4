"""Exact score matching by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.interface import DifferentiatesTwice
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitScoreMatching"]


@dataclass(frozen=True)
class EbmkitScoreMatching(PeerLoss, DifferentiatesTwice):
    """L = 1/N sum_i [1/2 |grad U(x_i)|^2 - Laplacian U(x_i)], by ``ebm.ExactScoreMatching`` of the package ebmkit
    (Hyvarinen 2005).

    Cost: N energies, N (1 + D) gradients in x.
    """

    comparable: ClassVar[bool] = True

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return package("ebmkit", "ebm.losses").ExactScoreMatching()(energy, x).loss

    def second_derivatives(self, x: Tensor) -> int:
        """Return D, one per coordinate."""
        return x.shape[1]
