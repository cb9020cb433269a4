"""A normalising flow of the library zuko on standardised data."""

from __future__ import annotations

import zuko
from torch import Tensor

from ebmbench.models.distributions.standard_latent import StandardLatent
from ebmbench.models.interface import Pushforward


class ZukoFlow(StandardLatent, Pushforward):
    """A flow of zuko, log p(x) = log N(f((x - m) / s); 0, I) + log |det df| - sum log s.

    m, s: ``(D,)``, mean and sd of the training data. f maps data to noise, so G(z) = m + s f^-1(z).
    """

    def __init__(self, flow: zuko.flows.Flow, train: Tensor) -> None:
        super().__init__(train)
        self.flow = flow

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x), ``(B, D)`` -> ``(B,)``."""
        return self.flow().log_prob((x - self.centre) / self.scale) - self.scale.log().sum()

    def decode(self, z: Tensor) -> Tensor:
        """Return m + s f^-1(z)."""
        return self.flow().transform.inv(z) * self.scale + self.centre

    def encode(self, x: Tensor) -> Tensor:
        """Return the latents f((x - m) / s)."""
        return self.flow().transform((x - self.centre) / self.scale)
