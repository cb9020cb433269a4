"""Energy discrepancy by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitEnergyDiscrepancy"]


@dataclass(frozen=True)
class EbmkitEnergyDiscrepancy(PeerLoss):
    """L = 1/N sum_i log(w + sum_j exp(U(x_i) - U(x_ij))), by ``ebm.EnergyDiscrepancy`` of the package ebmkit
    (Schröder et al. 2023).

    x_ij = x_i + sigma e_i + sigma e_ij, j = 1..M. In ``ed``, ``t`` is sigma^2 and the loss is this one minus log M.
    Cost: N (M + 1) energies.
    """

    sigma: PositiveFloat = 1.0
    M: PositiveInt = 4
    w: NonNegativeFloat = 1.0
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return package("ebmkit", "ebm").EnergyDiscrepancy(self.sigma, self.M, self.w)(energy, x).loss
