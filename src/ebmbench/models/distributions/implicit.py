"""An implicit generator, which has samples but no density."""

from __future__ import annotations

from torch import Tensor, nn

from ebmbench.models.distributions.standard_latent import StandardLatent


class ImplicitGenerator(StandardLatent):
    """An implicit generator G(z) = m + s f(z), z ~ N(0, I), f a network D_z -> D.

    m, s: ``(D,)``, mean and sd of the training data.
    """

    def __init__(self, network: nn.Module, latent: int, train: Tensor) -> None:
        super().__init__(train, latent)
        self.network = network

    def decode(self, z: Tensor) -> Tensor:
        """Return m + s f(z)."""
        return self.centre + self.scale * self.network(z)
