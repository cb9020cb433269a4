"""A generator without a density."""

from __future__ import annotations

from torch import Tensor, nn

from ebmbench.models.distributions.standard_latent import StandardLatent


class ImplicitGenerator(StandardLatent):
    """G(z) = m + s f(z), z ~ N(0, I): m, s: ``(D,)``, mean and sd of the train rows, f a network D_z -> D."""

    def __init__(self, network: nn.Module, latent: int, train: Tensor) -> None:
        super().__init__(train, latent)
        self.network = network

    def decode(self, z: Tensor) -> Tensor:
        """m + s f(z)."""
        return self.centre + self.scale * self.network(z)
