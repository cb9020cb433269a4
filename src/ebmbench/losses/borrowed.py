"""Losses of other packages on our models: their draws are seeded, their evaluations of the energy are counted."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from ebmbench.families.model import Density
from ebmbench.families.tilted import Tilted
from ebmbench.losses.base import Terms
from ebmbench.randomness import seeded


class Counted(nn.Module):
    """U of a model, ``(B, D)`` -> ``(B,)``; what was asked of it: ``points``, and those with a gradient in x."""

    def __init__(self, model: Density) -> None:
        super().__init__()
        self.model, self.points, self.gradients = model, 0, 0

    def forward(self, x: Tensor) -> Tensor:
        """U(x) = -log p~(x)."""
        self.points += len(x)
        self.gradients += len(x) * x.requires_grad
        return self.model.energy(x)


class Noise:
    """A model's base measure as ebmkit asks for noise: ``sample`` by torch's global stream, ``log_prob``."""

    def __init__(self, model: Tilted) -> None:
        self.model = model

    def sample(self, shape: tuple[int]) -> Tensor:
        """``(n, D)`` draws."""
        stream = torch.Generator(self.model.centre.device).manual_seed(int(torch.randint(2**62, ())))
        return self.model.base_draws(*shape, stream)

    def log_prob(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return self.model.base.log_density(x)


class Borrowed(ABC):
    """A loss that another package computes, as that package has it."""

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> Terms:
        """The package's loss of ``x: (N, D)``; raises :class:`UserError` where the package is not installed."""
        energy = Counted(model)
        with seeded(generator):
            loss = self.evaluate(energy, x)
        return Terms(loss, {}, energy.points, energy.gradients + len(x) * self.second_derivatives(x))

    def second_derivatives(self, x: Tensor) -> int:
        """Gradients in x beyond the first, a row of ``x: (N, D)``."""
        return 0

    @abstractmethod
    def evaluate(self, energy: Counted, x: Tensor) -> Tensor:
        """The loss, ``()``, with a graph; it draws from torch's global stream."""
