"""What a training loss is."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.models.interface import Density


class LossOutput(NamedTuple):
    """One evaluation of a loss.

    ``loss: ()``, differentiable in the parameters; ``logs``: columns of a curve that this loss knows, without a graph;
    the cost: ``energy_evaluations`` counts points at which the energy was evaluated, ``gradient_evaluations`` those
    at which its gradient in x was needed as well (each of those is counted as an evaluation, too).
    """

    loss: Tensor
    logs: Mapping[str, float | Tensor]
    energy_evaluations: int
    gradient_evaluations: int = 0

    def plus(self, other: LossOutput) -> LossOutput:
        """Both losses in one, with the cost of both."""
        return self._replace(loss=self.loss + other.loss).costing(
            Cost(other.energy_evaluations, other.gradient_evaluations)
        )

    def costing(self, more: Cost) -> LossOutput:
        """With what else was spent."""
        total = Cost(self.energy_evaluations, self.gradient_evaluations).plus(more)
        return self._replace(**total._asdict())


class Loss(Protocol):
    """A plug-in of ``losses``: a frozen dataclass of hyper-parameters, callable, without state.

    ``comparable``: whether its value on the validation rows says which of two models is better; where it
    does not (the gradient is not that of a fixed function), the last model is kept, not the best.
    """

    comparable: ClassVar[bool]

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> LossOutput:
        """The loss on a batch ``x: (N, D)``."""
        ...


@runtime_checkable
class StatefulLoss(Protocol):
    """A loss that carries something from step to step, such as the chains of a replay buffer."""

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """The loss with its memory, made anew for each training run on ``train: (N, D)``."""
        ...


@runtime_checkable
class ParametrisedLoss(Protocol):
    """A loss with variables of its own, such as a log-partition."""

    def parameters(self) -> list[nn.Parameter]:
        """What the optimiser moves besides the model."""
        ...


class BaseRelativeLoss(ABC):
    """A loss of energies relative to a base measure at rows and at draws of it: no density is needed.

    ``nu``: draws a row.
    """

    nu: int
