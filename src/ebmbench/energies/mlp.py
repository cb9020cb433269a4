"""A multilayer perceptron that outputs an energy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from ebmbench.randomness import seeded


class MLP(nn.Module):
    """U(x) = W_L a(... a(W_1 x + b_1) ...) + b_L for ``x: (B, D)`` -> ``(B,)``, a = ``activation``.

    ``depth`` hidden layers of ``width`` units, torch's default initialisation drawn from ``generator``.
    """

    def __init__(
        self,
        dim: int,
        width: int,
        depth: int,
        generator: torch.Generator,
        activation: Callable[[], nn.Module] = nn.SiLU,
    ) -> None:
        super().__init__()
        sizes = [dim, *[width] * depth, 1]
        with seeded(generator):
            linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        self.layers = nn.Sequential(*[part for layer in linear[:-1] for part in (layer, activation())], linear[-1])

    def forward(self, x: Tensor) -> Tensor:
        """U(x), ``(B,)``."""
        return self.layers(x).squeeze(-1)
