"""Two modes on a line under noise, and a model whose network has them with equal weights: every score is known.

Data: .8 N(-a, v) + .2 N(a, v), v = .25, so a gap of 4 a standard deviations; plus noise s the same with v + s^2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.models.distributions.normal import Normal
from ebmbench.models.distributions.tilted_levels import TiltedAtLevels
from ebmbench.models.statistics.interface import Fixed
from tests.helpers.targets import generator

RIGHT, VARIANCE = 0.2, 0.25


def log_density(x: Tensor, sigma: Tensor, a: float, right: float = RIGHT) -> Tensor:
    """log of (1 - right) N(-a, v + sigma^2) + right N(a, v + sigma^2), ``(B, 1)`` and ``(B,)`` -> ``(B,)``."""
    variance = VARIANCE + sigma.square()
    squares = (x - torch.tensor([-a, a], dtype=x.dtype)).square() / variance[:, None]
    shares = torch.tensor([1 - right, right], dtype=x.dtype).log()
    return (shares - 0.5 * squares).logsumexp(1) - 0.5 * (2 * math.pi * variance).log()


def score(x: Tensor, sigma: Tensor, a: float, right: float = RIGHT) -> Tensor:
    """Of that density, ``(B, 1)``."""
    points = x.detach().requires_grad_()
    return torch.autograd.grad(log_density(points, sigma, a, right).sum(), points)[0]


def rows(n: int, a: float, right: float = RIGHT, seed: int = 1) -> Tensor:
    """``(n, 1)`` draws without noise."""
    stream = generator(seed)
    signs = torch.where(torch.rand(n, 1, generator=stream, dtype=torch.float64) < right, a, -a)
    return signs + math.sqrt(VARIANCE) * torch.randn(n, 1, generator=stream, dtype=torch.float64)


@dataclass(frozen=True)
class Functions(Fixed):
    """T_k(x) = f_k(x_0)."""

    functions: tuple[Callable[[Tensor], Tensor], ...]

    def size(self, dim: int) -> int:
        return len(self.functions)

    def names(self, dim: int) -> list[str]:
        return [f"f{k}" for k in range(len(self.functions))]

    def value(self, x: Tensor) -> Tensor:
        return torch.stack([function(x[..., 0]) for function in self.functions], -1)


def _side(x: Tensor) -> Tensor:
    return torch.sigmoid(2 * x)


def _first(x: Tensor) -> Tensor:
    return x


NOTHING, SIDE, FIRST = Functions((torch.zeros_like,)), Functions((_side,)), Functions((_first,))
THREE = Functions((_side, _first, torch.square))


class Modes(nn.Module):
    """U(x, s) = log b(x) - log of the two modes under noise s, with probability ``right`` of the right one."""

    def __init__(self, base: Normal, a: float, right: float) -> None:
        super().__init__()
        self.base, self.a, self.right = base, a, right

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        return self.base.log_density(x) - log_density(x, sigma, self.a, self.right)


def model(a: float, statistic: Functions, sigmas: Tensor, right: float = 0.5) -> TiltedAtLevels:
    """eta = 0; the statistics are standardised over rows of the data."""
    base = Normal(torch.zeros(1, dtype=torch.float64), torch.tensor([[4 * a**2]], dtype=torch.float64))
    return TiltedAtLevels(base, Modes(base, a, right), sigmas, statistic, rows(5000, a))


def falling(first: float, last: float, count: int) -> Tensor:
    """``(count,)`` geometric levels."""
    return torch.logspace(math.log10(first), math.log10(last), count, dtype=torch.float64)


def exact_equations(made: TiltedAtLevels, a: float) -> tuple[Tensor, Tensor]:
    """E[J J'] and E[J (s_q - s)] under the noisy data, s the network's score, by quadrature: (L, K, K), (L, K)."""
    grams, rights = [], []
    for sigma in made.sigmas:
        reach = a + 9 * float(VARIANCE + sigma**2) ** 0.5
        x = torch.linspace(-reach, reach, 1001, dtype=torch.float64)[:, None]
        level = sigma.expand(len(x))
        mass = log_density(x, level, a).exp() * (x[1] - x[0])
        jacobian = made.statistic.gradient(x)[..., 0] / made.scale
        missing = (score(x, level, a) - score(x, level, a, made.network.right))[:, 0]
        grams.append(torch.einsum("n,ni,nj->ij", mass, jacobian, jacobian))
        rights.append((mass * missing) @ jacobian)
    return torch.stack(grams), torch.stack(rights)


def set_etas(made: TiltedAtLevels, etas: Tensor) -> TiltedAtLevels:
    """The model with ``etas: (L, K)``."""
    with torch.no_grad():
        made.eta_above.copy_(etas[:-1])
        made.eta.copy_(etas[-1])
    return made
