"""Interface of moment-matching methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.core.state import Stateful
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput


class MatchingState(Stateful, Protocol):
    """State of a moment-matching method during one training run."""

    @property
    def owned(self) -> Sequence[nn.Parameter]:
        """The natural parameters that the method updates itself or keeps fixed; the optimiser updates the others."""
        ...

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """Return a term to add to the loss on a batch ``x: (N, D)``; None for nothing."""
        ...

    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Update the state after a step of the network on ``x: (N, D)`` and return the cost."""
        ...


class MatchingMethod(Protocol):
    """A plug-in of ``arms``: a frozen dataclass that defines how the natural parameters of statistics are found.

    A field ``set``, if present, names the statistics; a field ``run`` names the finished run that the method tilts.
    """

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Return the state for one training run on ``train: (N, D)``; None if the optimiser trains all parameters."""
        ...

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """Change the trained model of ``problem`` in place and return the result; None for nothing."""
        ...
