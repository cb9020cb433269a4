"""Energy discrepancy by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

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

    sigma: float = 1.0
    M: int = 4
    w: float = 1.0
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.sigma <= 0 or self.M < 1 or self.w < 0:
            raise ValueError("sigma must be above 0, M 1 or more, w 0 or more")

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        return package("ebmkit", "ebm").EnergyDiscrepancy(self.sigma, self.M, self.w)(energy, x).loss
