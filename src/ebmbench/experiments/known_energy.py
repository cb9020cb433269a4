"""An energy that makes a model a law that is known: what a network without error would have learnt."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from ebmbench.models.interface import Density


class KnownEnergy(nn.Module):
    """U(x) = log b(x) - log q(x), so that b exp(-U) is q; nothing to be trained.

    ``log_q``: ``(B, D)`` -> ``(B,)``, differentiable; ``base``: b.
    """

    def __init__(self, log_q: Callable[[Tensor], Tensor], base: Density) -> None:
        super().__init__()
        self.log_q = log_q
        # the model's own, so no part of this
        self.of_base = [base]

    def forward(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``, float64."""
        return self.of_base[0].log_density(x).double() - self.log_q(x)
