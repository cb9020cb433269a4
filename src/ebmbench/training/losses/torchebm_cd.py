"""Contrastive divergence by torchebm."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from torch import Tensor, nn

from ebmbench.core.ranges import NonNegativeFloat, PositiveFloat, PositiveInt, check_ranges
from ebmbench.models.peers import package
from ebmbench.training.losses.peer_loss import TorchebmLoss

__all__ = ["TorchebmContrastiveDivergence"]


@dataclass(frozen=True)
class TorchebmContrastiveDivergence(TorchebmLoss):
    """L = mean U(x) - mean U(z) + penalty (mean U(x)^2 + mean U(z)^2), by ``ContrastiveDivergence`` of torchebm
    (Hinton 2002).

    z: the end of ``steps`` steps z <- z - step_size grad U(z) + sqrt(2 step_size) n from the data; ``step`` in ``cd``
    is twice ``step_size``. ``penalty`` has the package's default. The package replaces a loss that is not finite by
    0.1, without a gradient. Cost: N (steps + 2) energies, N steps gradients in x.
    """

    steps: PositiveInt = 10
    step_size: PositiveFloat = 0.005
    penalty: NonNegativeFloat = 0.001
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        samplers = package("torchebm", "torchebm.samplers")
        chain = samplers.LangevinDynamics(model, step_size=self.step_size, **where)
        loss, _ = losses.ContrastiveDivergence(model, chain, self.steps, energy_reg_weight=self.penalty, **where)(x)
        return loss
