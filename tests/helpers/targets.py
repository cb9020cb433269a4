"""Densities with known answers, for tests."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.core.cost import Cost
from ebmbench.data.interface import Splits
from ebmbench.inference.samplers.target import LogDensity, Target
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.models.interface import Density, TrainingData
from ebmbench.models.statistics.none import NoStatistic


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
    return Tilted(standard_normal(dim), network, NoStatistic(), torch.randn(10, dim, generator=generator()))


def training_data(train: Tensor, val: Tensor | None = None, dataset=None, base=None) -> TrainingData:
    val = train if val is None else val
    return TrainingData(dataset, Splits(train, val, val, 0.0), base)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def standard_normal(dim: int = 1) -> Normal:
    return Normal(torch.zeros(dim, dtype=torch.float64), torch.eye(dim, dtype=torch.float64))


def flat_gaussian(precision: Tensor) -> Target:
    """exp(-x'Px / 2) on the flat measure."""
    return Target(lambda x: -0.5 * ((x @ precision) * x).sum(-1))


class GaussianTilt(NamedTuple):
    """N(0, I) tilted by w(z) = -(k |x|^2 / 2 + e x_0), x = G(z) = a z + c: a latent model that is normal."""

    k: float
    e: float = 0.0
    dim: int = 1
    a: float = 1.0
    c: float = 0.0

    @property
    def target(self) -> Target:
        return Target(lambda z: self.weight(self.decode(z)), standard_normal(self.dim), self.decode)

    def decode(self, z: Tensor) -> Tensor:
        return self.a * z + self.c

    def weight(self, x: Tensor) -> Tensor:
        return -0.5 * self.k * x.square().sum(-1) - self.e * x[:, 0]

    def precision(self, beta: float = 1.0) -> float:
        return 1 + beta * self.k * self.a**2

    def mean(self, beta: float = 1.0) -> Tensor:
        """-beta a (k c + e) / p in the first coordinate, -beta a k c / p in the others."""
        slope = torch.full((self.dim,), self.k * self.c, dtype=torch.float64)
        slope[0] += self.e
        return -beta * self.a * slope / self.precision(beta)

    def log_z(self, beta: float = 1.0) -> float:
        """log E exp(beta w(z)), z ~ N(0, I)."""
        p, m = self.precision(beta), self.mean(beta)
        constant = beta * (0.5 * self.dim * self.k * self.c**2 + self.e * self.c)
        return -0.5 * self.dim * math.log(p) + 0.5 * p * float(m.square().sum()) - constant

    def sample(self, n: int, stream: torch.Generator, beta: float = 1.0) -> Tensor:
        noise = torch.randn(n, self.dim, generator=stream, dtype=torch.float64)
        return self.mean(beta) + noise / math.sqrt(self.precision(beta))


class TwoModes(nn.Module):
    """U of the tilt that makes N(0, I) a mixture of N(-s, v I) with probability ``left`` and N(s, v I): log Z = 0."""

    def __init__(self, dim: int, left: float = 0.3, shift: float = 1.5, variance: float = 0.1) -> None:
        super().__init__()
        self.dim, self.left, self.shift, self.variance = dim, left, shift, variance

    def forward(self, x: Tensor) -> Tensor:
        at_left = self._component(x, -self.shift) + math.log(self.left)
        at_right = self._component(x, self.shift) + math.log1p(-self.left)
        base = -0.5 * x.square().sum(-1) - 0.5 * self.dim * math.log(2 * math.pi)
        return base - torch.logaddexp(at_left, at_right)

    def _component(self, x: Tensor, mean: float) -> Tensor:
        squares = (x - mean).square().sum(-1) / self.variance
        return -0.5 * squares - 0.5 * self.dim * math.log(2 * math.pi * self.variance)

    def sample(self, n: int, stream: torch.Generator) -> Tensor:
        signs = torch.where(torch.rand(n, 1, generator=stream, dtype=torch.float64) < self.left, -1.0, 1.0)
        noise = torch.randn(n, self.dim, generator=stream, dtype=torch.float64)
        return signs * self.shift + math.sqrt(self.variance) * noise


class Counting:
    """A log-weight that counts the rows it is called with, those for a gradient apart."""

    def __init__(self, log_weight: LogDensity) -> None:
        self.log_weight = log_weight
        self.calls: list[int] = []
        self.gradient_calls: list[int] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.calls.append(len(x))
        if x.requires_grad:
            self.gradient_calls.append(len(x))
        return self.log_weight(x)

    @property
    def cost(self) -> Cost:
        return Cost(sum(self.calls), sum(self.gradient_calls))
