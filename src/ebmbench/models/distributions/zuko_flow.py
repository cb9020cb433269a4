"""A normalising flow of the library zuko on standardised rows."""

from __future__ import annotations

import zuko
from torch import Tensor

from ebmbench.models.distributions.standard_latent import StandardLatent
from ebmbench.models.interface import Pushforward


class ZukoFlow(StandardLatent, Pushforward):
    """log N(f((x - m) / s); 0, I) + log |det df| - sum log s; m, s: ``(D,)``, mean and sd of the train rows.

    f: a flow of zuko, data to noise, so G(z) = m + s f^-1(z).
    """

    def __init__(self, flow: zuko.flows.Flow, train: Tensor) -> None:
        super().__init__(train)
        self.flow = flow

    def log_density(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return self.flow().log_prob((x - self.centre) / self.scale) - self.scale.log().sum()

    def decode(self, z: Tensor) -> Tensor:
        """m + s f^-1(z)."""
        return self.flow().transform.inv(z) * self.scale + self.centre

    def encode(self, x: Tensor) -> Tensor:
        """f((x - m) / s)."""
        return self.flow().transform((x - self.centre) / self.scale)
