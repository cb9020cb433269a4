"""A convolutional decoder with normal latents, its posterior, and interfaces of latent-variable models."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from ebmbench.core.cost import Cost
from ebmbench.data.image_shape import Shape
from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Density, Generator, Model
from ebmbench.models.networks.convolutions import Decoder


class ImageDecoder(Generator):
    """The distribution of G(z), z ~ N(0, I), G a :class:`~ebmbench.models.networks.convolutions.Decoder`."""

    zero: Tensor

    def __init__(
        self, latent: int, shape: Shape, width: int, generator: torch.Generator, normalised: bool = False
    ) -> None:
        super().__init__()
        self.dim = shape.channels * shape.side**2
        self.network = Decoder(latent, shape, width, generator, normalised=normalised)
        self.register_buffer("zero", torch.zeros(latent))

    @property
    def latent(self) -> Normal:
        """The distribution of z, N(0, I)."""
        return Normal(self.zero, torch.eye(len(self.zero)).to(self.zero))

    def decode(self, z: Tensor) -> Tensor:
        """Return G(z)."""
        return self.network(z)


class Posterior(Density):
    """The posterior of latents, log p(z | x) = -|G(z) - x|^2 / (2 sigma^2) + log p(z) up to a constant.

    The batch ``x: (B, D)`` is fixed.
    """

    def __init__(self, base: ImageDecoder, prior: Density, x: Tensor, sigma: float) -> None:
        super().__init__()
        self.base, self.prior, self.x, self.sigma = base, prior, x, sigma

    def log_density(self, z: Tensor) -> Tensor:
        """Return the unnormalised log p(z | x), one latent per image: ``(B, D_z)`` -> ``(B,)``."""
        return self.prior.log_density(z) - squares(self.base.decode(z), self.x) / (2 * self.sigma**2)


class Reconstruction(NamedTuple):
    """Decoded latents ``x: (B, D)`` of images, and the joint energy of each image and its latent, ``energy: (B,)``.

    The energy is |G(z) - x|^2 - log p(z) up to a constant of the model: the anomaly score.
    """

    x: Tensor
    energy: Tensor
    cost: Cost


class Reconstructing(ABC):
    """A model that infers a latent for each image and decodes it again."""

    @abstractmethod
    def reconstruct(self, x: Tensor, generator: torch.Generator) -> Reconstruction:
        """Return the reconstruction of ``x: (B, D)``, without a graph."""


class Subject(NamedTuple):
    """The energy ``model`` and its latents ``rows: (B, D_z)``, which a loss receives in place of a model and its batch.

    ``own``: the additional loss, for the parameters that the loss of the energy does not train; ``cost``: the cost of
    both.
    """

    model: Model
    rows: Tensor
    own: Tensor
    cost: Cost


class LatentVariableModel(ABC):
    """A model that trains an energy on latents, which it infers for each batch, together with its decoder."""

    @abstractmethod
    def subject(self, x: Tensor, generator: torch.Generator) -> Subject:
        """Infer latents for a batch ``x: (B, D)`` and return the loss's inputs."""

    @abstractmethod
    def decoding(self) -> list[torch.nn.Parameter]:
        """Return the parameters that :attr:`Subject.own` trains."""


def squares(y: Tensor, x: Tensor) -> Tensor:
    """Return |y - x|^2 of each pair, ``(B, D)`` -> ``(B,)``."""
    return (y - x).square().sum(1)


def normal_energy(z: Tensor) -> Tensor:
    """Return -log N(z; 0, I), ``(B, D_z)`` -> ``(B,)``."""
    return 0.5 * z.square().sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi)
