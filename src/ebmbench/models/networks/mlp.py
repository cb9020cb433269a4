"""A multilayer perceptron that outputs an energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ebmbench.core.randomness import seeded
from ebmbench.models.networks import jets
from ebmbench.models.networks.activations import WRITTEN_OUT, Activation
from ebmbench.models.networks.spectral import spectrally_normalised


def layers(
    sizes: Sequence[int], generator: torch.Generator, activation: Callable[[], nn.Module] = nn.SiLU
) -> nn.Sequential:
    """Return linear maps between ``sizes`` with activations in between, with torch's default initialisation.

    The initial values come from ``generator``.
    """
    with seeded(generator):
        linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    return nn.Sequential(*[part for layer in linear[:-1] for part in (layer, activation())], linear[-1])


class MLP(nn.Module):
    """A perceptron with scalar output, U(x) = W_L a(... a(W_1 x + b_1) ...) + b_L, ``(B, D)`` -> ``(B,)``.

    a = ``activation``. ``depth`` hidden layers of ``width`` units, initialised as in :func:`layers`. ``flat``: the last
    layer starts at 0, and so does U; ``spectral``: linear maps are restricted to a norm of at most 1.
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
            for parameter in self.layers[-1].parameters():
                nn.init.zeros_(parameter)
        if spectral:
            spectrally_normalised(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return U(x), ``(B,)``."""
        return self.layers(x).squeeze(-1)

    @torch.no_grad()
    def value_and_grad(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return U(x) and grad U(x), ``(B,)`` and ``(B, D)``, by the chain rule: autograd's numbers without its graph.

        None if the activation has no closed-form derivative, if maps are restricted in norm, or in lower precision.
        """
        activation, maps = self._written_out(x)
        if activation is None:
            return None
        before, after, weights = [], x, [layer.weight for layer in maps]
        for layer, weight in zip(maps[:-1], weights[:-1], strict=True):
            before.append(functional.linear(after, weight, layer.bias))
            after = activation.function(before[-1])
        value = functional.linear(after, weights[-1], maps[-1].bias).squeeze(-1)
        slope = weights[-1].expand(len(x), -1).contiguous()
        for values, weight in zip(reversed(before), reversed(weights[:-1]), strict=True):
            slope = activation.backward(slope, values) @ weight
        return value, slope

    def directional_derivatives(self, x: Tensor, directions: Tensor, bent: int) -> jets.Jet | None:
        """Return the jet of :func:`~ebmbench.models.networks.jets.through`; None as in :meth:`value_and_grad`."""
        activation, maps = self._written_out(x)
        return activation and jets.through(maps, activation, x, directions, bent)

    def _written_out(self, x: Tensor) -> tuple[Activation | None, list[nn.Linear]]:
        """Return the activation if all derivatives have closed forms, else None, and the linear maps."""
        maps = [layer for layer in self.layers if type(layer) is nn.Linear]
        plain = 2 * len(maps) == len(self.layers) + 1 and not torch.is_autocast_enabled(x.device.type)
        return WRITTEN_OUT.get(type(self.layers[1])) if plain else None, maps
