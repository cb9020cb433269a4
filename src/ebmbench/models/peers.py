"""Adapters to other packages that the benchmark does not need but compares itself with."""

from __future__ import annotations

import importlib
from types import ModuleType

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import Density


def package(name: str, importable: str) -> ModuleType:
    """Import the module ``importable`` of the package ``name``; raises :class:`UserError` if it is not installed."""
    try:
        return importlib.import_module(importable)
    except ImportError as error:
        raise UserError(
            f"package {name} is not installed: pip install --no-deps --requirement envs/peers.txt, or exclude the cell"
        ) from error


class CountedEnergy(nn.Module):
    """The energy U of a model, ``(B, D)`` -> ``(B,)``; counts evaluated ``points``, and those with a gradient in x."""

    def __init__(self, model: Density) -> None:
        super().__init__()
        self.model, self.points, self.gradients = model, 0, 0

    def forward(self, x: Tensor) -> Tensor:
        """Return U(x) = -log p~(x)."""
        self.points += len(x)
        self.gradients += len(x) * x.requires_grad
        return self.model.energy(x)


class EbmkitNoise:
    """A model's base measure with ebmkit's noise interface: ``sample`` by torch's global stream, ``log_prob``."""

    def __init__(self, model: Tilted) -> None:
        self.model = model

    def sample(self, shape: tuple[int]) -> Tensor:
        """Return ``(n, D)`` samples."""
        stream = torch.Generator(self.model.centre.device).manual_seed(int(torch.randint(2**62, ())))
        return self.model.base_draws(*shape, stream)

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log b(x), ``(B, D)`` -> ``(B,)``."""
        return self.model.base.log_density(x)
