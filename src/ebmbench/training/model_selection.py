"""Model selection and early stopping: keep the best checkpoint by validation loss or likelihood, or the last model."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from ebmbench.core.state import NamedState, Stateful
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.models.interface import Density, Model, Normalised
from ebmbench.training.losses.interface import BaseRelativeLoss, Loss
from ebmbench.training.losses.kale import donsker_varadhan
from ebmbench.training.validation import Validation

#: samples of the base measure for one likelihood: with a loss's few, noise would decide which checkpoint is best
SAMPLES = 10_000

#: (model, its validation loss) -> number to minimise
Criterion = Callable[[Model, float], float]


def by_likelihood(loss: Loss, model: Model) -> bool:
    """Return True if checkpoints are compared by :func:`importance_sampling_nll`.

    That is so for losses that train an energy relative to a base measure with a density.
    """
    return isinstance(loss, BaseRelativeLoss) and isinstance(model, Generalized) and isinstance(model.base, Normalised)


@torch.no_grad()
def importance_sampling_nll(model: Model, x: Tensor, generator: torch.Generator, samples: int = SAMPLES) -> float:
    """Estimate the negative log-likelihood of ``x: (N, D)`` in nats by importance sampling.

    -mean_i log b(x_i) + mean_i E(x_i) + A_M, A_M from ``samples`` samples of the base b, trained or frozen: this is
    -mean log b - KALE. Exact if the model knows its A. Raises :class:`TypeError` without a base measure with a density.
    """
    if not isinstance(model, Generalized) or not isinstance(model.base, Normalised):
        raise TypeError(f"{type(model).__name__} has no base measure with a density")
    known = model.log_z()
    if known is not None and isinstance(model, Density):
        return float((known - model.log_density(x).mean()).detach())
    energies = -model.with_draws(x, samples, generator)
    return -float(model.base.log_density(x).mean() + donsker_varadhan(energies[: len(x)], energies[len(x) :]))


class ModelSelection(Stateful, Protocol):
    """Chooses the model that training returns, and stops training early."""

    @property
    def exhausted(self) -> bool:
        """True if training should stop: too many checkpoints without an improvement."""
        ...

    def start(self, model: Model, validation: Validation) -> None:
        """Look at the model before the first step."""
        ...

    def offer(self, model: Model, step: int, validation_loss: float) -> None:
        """Look at the moving average ``model`` after ``step`` steps."""
        ...

    def select(self, model: Model, step: int) -> int:
        """Give ``model``, the moving average after ``step`` steps, the chosen weights; return the step they are of."""
        ...


class LastModel(NamedState):
    """No selection: training runs to its end and returns the last model."""

    state_names: ClassVar = ()
    exhausted = False

    def start(self, model: Model, validation: Validation) -> None:
        """Do nothing."""

    def offer(self, model: Model, step: int, validation_loss: float) -> None:
        """Do nothing."""

    def select(self, model: Model, step: int) -> int:
        """Leave the model as it is."""
        return step


class BestModel(NamedState):
    """The model with the least value of ``criterion``, the one before the first step included.

    Training stops after ``patience`` checkpoints without an improvement. ``weights`` and ``step`` of the best model;
    None as long as no value was finite; ``waited``: checkpoints since then.
    """

    state_names: ClassVar = ("weights", "step", "value", "waited")

    def __init__(self, patience: int, criterion: Criterion) -> None:
        self.patience, self.criterion = patience, criterion
        self.weights: dict[str, Tensor] | None = None
        self.step, self.value, self.waited = 0, math.inf, 0

    @property
    def exhausted(self) -> bool:
        """True after ``patience`` checkpoints without an improvement."""
        return self.waited >= self.patience

    def start(self, model: Model, validation: Validation) -> None:
        """Offer the model before the first step."""
        self.offer(model, 0, validation.loss_of(model))

    def offer(self, model: Model, step: int, validation_loss: float) -> None:
        """Copy the weights of ``model`` if its value is the least so far."""
        self.waited += 1
        value = self.criterion(model, validation_loss)
        if value < self.value:
            self.weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            self.step, self.value, self.waited = step, value, 0

    def select(self, model: Model, step: int) -> int:
        """Load the best weights into ``model``, if there are any."""
        if self.weights is None:
            return step
        model.load_state_dict(self.weights)
        return self.step
