"""Noise-contrastive estimation by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.peers import CountedEnergy, EbmkitNoise, package
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitNoiseContrastiveEstimation"]


@dataclass(frozen=True)
class EbmkitNoiseContrastiveEstimation(PeerLoss):
    """L = 1/N sum_i softplus(-G(x_i)) + 1/N sum_j softplus(G(y_j)), by ``ebm.NoiseContrastiveEstimation`` of ebmkit
    (Gutmann and Hyvarinen 2010).

    G and the ``nu`` samples y per example from the model's base measure are as in ``nce``. The package's own log Z
    stays at 0 because the network has a free constant. Cost: N (1 + nu) energies.
    """

    nu: PositiveInt = 4
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``; raises :class:`UserError` if the base measure has no density."""
        if not isinstance(energy.model, Tilted):
            raise UserError("loss ebmkit_nce: it needs the density of a model's base measure; exclude the cell")
        return package("ebmkit", "ebm").NoiseContrastiveEstimation(EbmkitNoise(energy.model), self.nu)(energy, x).loss
