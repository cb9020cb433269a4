"""Interface of training losses."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.models.interface import Model


class LossOutput(NamedTuple):
    """Value, logs and cost of one evaluation of a loss.

    ``loss: ()``, differentiable in the parameters; ``logs``: columns of the training curve that this loss provides,
    without a graph. Cost: ``energy_evaluations`` counts points at which the energy was evaluated,
    ``gradient_evaluations`` those at which its gradient in x was needed as well (each of these also counts as an energy
    evaluation).
    """

    loss: Tensor
    logs: Mapping[str, float | Tensor]
    energy_evaluations: int
    gradient_evaluations: int = 0

    def plus(self, other: LossOutput) -> LossOutput:
        """Return the sum of both losses with the cost of both."""
        return self._replace(loss=self.loss + other.loss).costing(
            Cost(other.energy_evaluations, other.gradient_evaluations)
        )

    def costing(self, more: Cost) -> LossOutput:
        """Return this output with the cost ``more`` added."""
        total = Cost(self.energy_evaluations, self.gradient_evaluations).plus(more)
        return self._replace(**total._asdict())


class Loss(Protocol):
    """A plug-in of ``losses``: a frozen dataclass of hyper-parameters, callable, without state.

    ``comparable``: whether lower values on the validation examples indicate a better model. If not (the gradient is not
    that of a fixed function), the last model is kept instead of the best.
    """

    comparable: ClassVar[bool]

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on a batch ``x: (N, D)``; raises :class:`UserError` for a model that it cannot train."""
        ...


@runtime_checkable
class StatefulLoss(Protocol):
    """A loss that carries state from step to step, such as the chains of a replay buffer."""

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """Return the loss with fresh state, for one training run on ``train: (N, D)``.

        The returned loss is :class:`~ebmbench.core.state.Stateful` as well, so that a killed run can continue.
        """
        ...


@runtime_checkable
class ParametrisedLoss(Protocol):
    """A loss with parameters of its own, such as a log-partition function."""

    def parameters(self) -> list[nn.Parameter]:
        """Return the parameters that the optimiser updates in addition to the model's."""
        ...


class DifferentiatesTwice:
    """A loss whose gradient in the parameters is one of the network's gradient in x, so that its graph is kept."""


class BaseRelativeLoss(ABC):
    """A loss of energies relative to a base measure, at data and at base samples; the base needs no density.

    ``nu``: base samples per example.
    """

    nu: int
