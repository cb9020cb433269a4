"""What an arm does while a model is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.inference.exponential_tilting import TiltResult
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.distributions.generalized import Generalized
from ebmbench.training.losses.interface import Loss, LossOutput


class MatchingState(Protocol):
    """The state of an arm in one training run.

    ``owned``: the natural parameters that it moves itself or leaves as they are; the optimiser moves the others.
    """

    owned: Sequence[nn.Parameter]

    def added(self, model: Generalized, x: Tensor, generator: torch.Generator) -> LossOutput | None:
        """What is added to the loss on a batch ``x: (N, D)``; None for nothing."""
        ...

    def moved(self, model: Generalized, x: Tensor, generator: torch.Generator) -> Cost:
        """Called after each step of the network on ``x: (N, D)``."""
        ...


class MatchingMethod(Protocol):
    """A plug-in of ``arms``: a frozen dataclass that says how natural parameters of statistics are found.

    Where it has a field ``set``, that names its statistics; a field ``run`` names the finished run that it tilts.
    """

    def matching(
        self, loss: Loss, model: Generalized, train: Tensor, generator: torch.Generator
    ) -> MatchingState | None:
        """Its state for one training run on ``train: (N, D)``; None where the optimiser does all there is to do."""
        ...

    def finished(self, problem: Problem, generator: torch.Generator) -> TiltResult | None:
        """What it does with the trained model of ``problem``, in place; None for nothing."""
        ...
