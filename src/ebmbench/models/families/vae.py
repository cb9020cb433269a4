"""A variational autoencoder: the decoder of ``lebm`` with an inference network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.data.image_shape import Shape, shape_of
from ebmbench.models.distributions.decoder import ImageDecoder, Reconstructing, Reconstruction, normal_energy, squares
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.convolutions import Encoder
from ebmbench.models.statistics.interface import Definition

__all__ = ["VAE"]


@dataclass(frozen=True)
class VAE:
    """Variational autoencoder: z ~ N(0, I), x ~ N(G(z), sigma^2 I), q(z | x) normal   (Kingma and Welling 2014).

    z has ``latent`` dimensions. G as in ``lebm``, the encoder its mirror image of the same ``width``. Samples are G(z),
    without the pixels' noise.
    """

    losses: ClassVar[tuple[str, ...]] = ("elbo",)
    provides: ClassVar[tuple[str, ...]] = ("encoder",)

    latent: PositiveInt = 16
    width: PositiveInt = 16
    sigma: PositiveFloat = 0.3

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> Autoencoder:
        """Return an untrained model in single precision; raises :class:`UserError` for data of no known image shape."""
        return Autoencoder(self, shape_of(data.dim), generator).float()


class Code(NamedTuple):
    """The approximate posterior q(z | x) = N(mean, diag exp(log_variance)) of each image, both ``(B, D_z)``."""

    mean: Tensor
    log_variance: Tensor


class Autoencoder(ImageDecoder, Reconstructing):
    """A decoder with an encoder."""

    def __init__(self, settings: VAE, shape: Shape, generator: torch.Generator) -> None:
        super().__init__(settings.latent, shape, settings.width, generator)
        self.encoder = Encoder(shape, 2 * settings.latent, settings.width, generator)
        self.sigma = settings.sigma

    def code(self, x: Tensor) -> Code:
        """Return q(z | x) for ``x: (B, D)``."""
        return Code(*self.encoder(x).chunk(2, 1))

    def bound(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return |G(z) - x|^2 / (2 sigma^2) + KL(q(z | x) || N(0, I)), z ~ q, ``(B, D)`` -> ``(B,)``.

        -log p(x) is at most the mean of this over z, plus D/2 log 2 pi sigma^2.
        """
        mean, log_variance = self.code(x)
        z = mean + (0.5 * log_variance).exp() * normal_like(mean, generator)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return squares(self.decode(z), x) / (2 * self.sigma**2) + divergence

    @torch.no_grad()
    def reconstruct(self, x: Tensor, generator: torch.Generator) -> Reconstruction:
        """Decode the mean of q(z | x)."""
        mean = self.code(x).mean
        decoded = self.decode(mean)
        return Reconstruction(decoded, squares(decoded, x) + normal_energy(mean), Cost(len(x)))
