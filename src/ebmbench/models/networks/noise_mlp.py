"""A multilayer perceptron whose energy depends on a noise level."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ebmbench.models.networks.mlp import MLP


class NoiseMLP(nn.Module):
    """A noise-conditional MLP: U(x, s) = MLP(x, z), z = log(s / sqrt(s_0 s_1)) / (1/2 log(s_1 / s_0)).

    z is -1 at s_0 and 1 at s_1, the ``ends``. The other arguments are those of
    :class:`~ebmbench.models.networks.mlp.MLP`.
    """

    def __init__(
        self,
        dim: int,
        width: int,
        depth: int,
        ends: tuple[float, float],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        low, high = (math.log(end) for end in ends)
        self.centre, self.half_width = (low + high) / 2, (high - low) / 2
        self.energy = MLP(dim + 1, width, depth, generator)

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return U for ``x: (B, D)`` and ``sigma: (B,)``, ``(B,)``."""
        z = (sigma.log() - self.centre) / self.half_width
        return self.energy(torch.cat([x, z[:, None]], dim=1))
