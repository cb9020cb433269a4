"""What the losses of the package torchebm are called with."""

from __future__ import annotations

from abc import abstractmethod
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from ebmbench.losses.borrowed import Borrowed, Counted
from ebmbench.peers import package


class OfTorchebm(Borrowed):
    """A loss of torchebm, which takes an energy that is a model of its own kind."""

    def evaluate(self, energy: Counted, x: Tensor) -> Tensor:
        """The package's loss of ``x: (N, D)``."""
        core = package("torchebm", "torchebm.core")

        class Model(core.BaseModel):
            """The energy, as torchebm asks for it."""

            def __init__(self) -> None:
                super().__init__(dtype=x.dtype, device=x.device)
                self.energy = energy

            def forward(self, points: Tensor) -> Tensor:
                return self.energy(points)

        return self.of_model(package("torchebm", "torchebm.losses"), Model(), x, {"dtype": x.dtype, "device": x.device})

    @abstractmethod
    def of_model(self, losses: ModuleType, model: nn.Module, x: Tensor, where: dict[str, Any]) -> Tensor:
        """The loss by the package's ``losses``; ``where``: the type and device that they are told."""
