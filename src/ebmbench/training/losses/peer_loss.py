"""Losses of other packages on ebmbench models, with seeded random numbers and counted energy evaluations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ebmbench.core.randomness import seeded
from ebmbench.models.interface import Model
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import LossOutput


class PeerLoss(ABC):
    """A loss computed by another package, unchanged."""

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the package's loss on ``x: (N, D)``; raises :class:`UserError` for a missing package or density."""
        energy = CountedEnergy(density_of(model))
        with seeded(generator):
            loss = self.evaluate(energy, x)
        return LossOutput(loss, {}, energy.points, energy.gradients + len(x) * self.second_derivatives(x))

    def second_derivatives(self, x: Tensor) -> int:
        """Return the number of gradients in x beyond the first, per example of ``x: (N, D)``."""
        return 0

    @abstractmethod
    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the loss, ``()``, with a graph; it uses torch's global random stream."""


class TorchebmLoss(PeerLoss):
    """A loss of torchebm, which requires the energy to be an instance of its own model class."""

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)``."""
        where = {"dtype": x.dtype, "device": x.device}
        return self.of_model(package("torchebm", "torchebm.losses"), _model()(energy, **where), x, where)

    @abstractmethod
    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """Compute the loss with the package's module ``losses``; ``where``: the dtype and device to pass on."""


@cache
def _model() -> type[nn.Module]:
    """Return the energy class that torchebm requires; cached because a loss is evaluated at every step."""

    base: Any = package("torchebm", "torchebm.core").BaseModel

    class TorchebmModel(base):
        def __init__(self, energy: nn.Module, **where: Any) -> None:
            super().__init__(**where)
            self.energy = energy

        def forward(self, x: Tensor) -> Tensor:
            return self.energy(x)

    return TorchebmModel
