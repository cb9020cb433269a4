"""Denoising score matching by torchebm."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from torch import Tensor, nn

from ebmbench.training.losses.peer_loss import TorchebmLoss

__all__ = ["TorchebmDenoisingScoreMatching"]


@dataclass(frozen=True)
class TorchebmDenoisingScoreMatching(TorchebmLoss):
    """L = 1/N sum_i 1/2 |grad U(x_i + sigma e_i) + e_i / sigma|^2, by ``DenoisingScoreMatching`` of torchebm 0.8.0.

    As the package has it, its sign is that of -U: at the optimum exp(+U) is the density of the data plus sigma N(0, I),
    where the package's samplers take exp(-U). ``negated``: it is given -U, and the loss is that of Vincent (2011).
    Cost: N energies and gradients in x.
    """

    sigma: float = 0.1
    negated: bool = False
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.sigma <= 0:
            raise ValueError("sigma must be above 0")

    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """The package's loss of ``x: (N, D)``."""
        energy = _Negated(model) if self.negated else model
        return losses.DenoisingScoreMatching(energy, self.sigma, **where)(x)


class _Negated(nn.Module):
    """-U."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return -self.model(x)
