"""What the losses of the package torchebm are called with."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from ebmbench.losses.borrowed import Borrowed, Counted
from ebmbench.peers import package


class OfTorchebm(Borrowed):
    """A loss of torchebm, which takes an energy that is a model of its own kind."""

    def evaluate(self, energy: Counted, x: Tensor) -> Tensor:
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
