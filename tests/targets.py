"""Densities with known answers, for tests."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ebmbench.data.base import Splits
from ebmbench.families.model import Density, TrainingData
from ebmbench.families.normal import Normal
from ebmbench.families.tilted import Tilted
from ebmbench.statistics.none import NoStatistic


class Energy(Density):
    """A density given by its energy U: (B, D) -> (B,)."""

    def __init__(self, energy, dim: int) -> None:
        super().__init__()
        self._energy, self.dim = energy, dim
        self.register_buffer("device_holder", torch.zeros(()))

    def log_density(self, x: Tensor) -> Tensor:
        return -self._energy(x)


class Precision(Density):
    """U(x) = lambda |x|^2 / 2 with lambda a parameter."""

    def __init__(self, value: float, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim
        self.value = nn.Parameter(torch.tensor(value, dtype=torch.float64))

    def log_density(self, x: Tensor) -> Tensor:
        return -0.5 * self.value * x.square().sum(-1)

    def log_z(self) -> Tensor:
        return 0.5 * self.dim * (math.log(2 * math.pi) - self.value.log())


class Quadratic(nn.Module):
    """U(x) = a |x|^2 / 2 + b x_0, a and b parameters: the tilt of a normal base is normal."""

    def __init__(self, a: float, b: float) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a, dtype=torch.float64))
        self.b = nn.Parameter(torch.tensor(b, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * self.a * x.square().sum(-1) + self.b * x[:, 0]

    def log_z(self, dim: int) -> Tensor:
        """log E exp(-U) under N(0, I)."""
        return -0.5 * dim * torch.log1p(self.a) + 0.5 * self.b**2 / (1 + self.a)


def on_standard_normal(network: nn.Module, dim: int) -> Tilted:
    base = Normal(torch.zeros(dim, dtype=torch.float64), torch.eye(dim, dtype=torch.float64))
    return Tilted(base, network, NoStatistic(), torch.randn(10, dim, generator=generator()))


def training_data(train: Tensor, val: Tensor | None = None, dataset=None) -> TrainingData:
    val = train if val is None else val
    return TrainingData(dataset, Splits(train, val, val, 0.0))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
