"""A multilayer perceptron that outputs an energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ebmbench.energies.spectral import spectrally_normalised
from ebmbench.randomness import seeded


def layers(
    sizes: Sequence[int], generator: torch.Generator, activation: Callable[[], nn.Module] = nn.SiLU
) -> nn.Sequential:
    """Linear maps between ``sizes`` with activations in between, torch's default initialisation from ``generator``."""
    with seeded(generator):
        linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    return nn.Sequential(*[part for layer in linear[:-1] for part in (layer, activation())], linear[-1])


class MLP(nn.Module):
    """U(x) = W_L a(... a(W_1 x + b_1) ...) + b_L for ``x: (B, D)`` -> ``(B,)``, a = ``activation``.

    ``depth`` hidden layers of ``width`` units, initialised as in :func:`layers`. ``flat``: the last layer starts at 0,
    and U with it; ``spectral``: linear maps are held to a norm of at most 1.
    """

    def __init__(
        self,
        dim: int,
        width: int,
        depth: int,
        generator: torch.Generator,
        activation: Callable[[], nn.Module] = nn.SiLU,
        flat: bool = False,
        spectral: bool = False,
    ) -> None:
        super().__init__()
        self.layers = layers([dim, *[width] * depth, 1], generator, activation)
        if flat:
            nn.init.zeros_(self.layers[-1].weight)
            nn.init.zeros_(self.layers[-1].bias)
        if spectral:
            spectrally_normalised(self)

    def forward(self, x: Tensor) -> Tensor:
        """U(x), ``(B,)``."""
        return self.layers(x).squeeze(-1)
