"""Losses of other packages on our models: their draws are seeded, their evaluations of the energy are counted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ebmbench.core.randomness import seeded
from ebmbench.models.interface import Density
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.interface import LossOutput


class PeerLoss(ABC):
    """A loss that another package computes, as that package has it."""

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> LossOutput:
        """The package's loss of ``x: (N, D)``; raises :class:`UserError` where the package is not installed."""
        energy = CountedEnergy(model)
        with seeded(generator):
            loss = self.evaluate(energy, x)
        return LossOutput(loss, {}, energy.points, energy.gradients + len(x) * self.second_derivatives(x))

    def second_derivatives(self, x: Tensor) -> int:
        """Gradients in x beyond the first, a row of ``x: (N, D)``."""
        return 0

    @abstractmethod
    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """The loss, ``()``, with a graph; it draws from torch's global stream."""


class TorchebmLoss(PeerLoss):
    """A loss of torchebm, which takes an energy that is a model of its own kind."""

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """The package's loss of ``x: (N, D)``."""
        where = {"dtype": x.dtype, "device": x.device}
        return self.of_model(package("torchebm", "torchebm.losses"), _model()(energy, **where), x, where)

    @abstractmethod
    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """The loss by the package's ``losses``; ``where``: the type and device that they are told."""


@cache
def _model() -> type[nn.Module]:
    """The class of an energy as torchebm asks for it; made once, for a loss is evaluated at every step."""

    class Model(package("torchebm", "torchebm.core").BaseModel):
        def __init__(self, energy: nn.Module, **where: Any) -> None:
            super().__init__(**where)
            self.energy = energy

        def forward(self, x: Tensor) -> Tensor:
            return self.energy(x)

    return Model
