"""An energy whose model is a known distribution, as an error-free network would have learnt it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from ebmbench.models.interface import Density


class KnownEnergy(nn.Module):
    """U(x) = log b(x) - log q(x), so that b exp(-U) is q; it has no trainable parameters.

    ``log_q``: ``(B, D)`` -> ``(B,)``, differentiable; ``base``: b.
    """

    def __init__(self, log_q: Callable[[Tensor], Tensor], base: Density) -> None:
        super().__init__()
        self.log_q = log_q
        # in a list, so that it is not registered as a submodule: it belongs to the model
        self.of_base = [base]

    def forward(self, x: Tensor) -> Tensor:
        """Compute U, ``(B, D)`` -> ``(B,)``, float64."""
        return self.of_base[0].log_density(x).double() - self.log_q(x)
