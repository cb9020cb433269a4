"""Contrastive divergence by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitContrastiveDivergence"]


@dataclass(frozen=True)
class EbmkitContrastiveDivergence(PeerLoss):
    """L = 1/N sum_i U(x_i) - 1/N sum_i U(z_i), by ``ebm.ContrastiveDivergence`` of ebmkit   (Hinton 2002).

    z_i: the end of ``steps`` steps z <- z - step_size grad U(z) + sqrt(2 step_size) n from N(0, I), the package's
    default start; ``step`` in ``cd`` is 2 ``step_size``. Cost: N (steps + 2) energies, N steps gradients in x.
    """

    steps: PositiveInt = 10
    step_size: PositiveFloat = 0.005
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        ebm = package("ebmkit", "ebm")
        sampler = ebm.LangevinDynamics(step_size=self.step_size, steps=self.steps)
        return ebm.ContrastiveDivergence(sampler)(energy, x).loss
