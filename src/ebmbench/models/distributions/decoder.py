"""A convolutional decoder of normal latents, and what a noisy image says of its latent."""

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
    """The law of G(z), z ~ N(0, I), G a :class:`~ebmbench.models.networks.convolutions.Decoder`."""

    zero: Tensor

    def __init__(self, latent: int, shape: Shape, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.dim = shape.channels * shape.side**2
        self.network = Decoder(latent, shape, width, generator)
        self.register_buffer("zero", torch.zeros(latent))

    @property
    def latent(self) -> Normal:
        """N(0, I)."""
        return Normal(self.zero, torch.eye(len(self.zero)).to(self.zero))

    def decode(self, z: Tensor) -> Tensor:
        """G(z)."""
        return self.network(z)


class Posterior(Density):
    """log p(z | x) up to a constant: -|G(z) - x|^2 / (2 sigma^2) + log p(z), of rows ``x: (B, D)`` that stand still."""

    def __init__(self, base: ImageDecoder, prior: Density, x: Tensor, sigma: float) -> None:
        super().__init__()
        self.base, self.prior, self.x, self.sigma = base, prior, x, sigma

    def log_density(self, z: Tensor) -> Tensor:
        """``(B, D_z)``, a latent a row -> ``(B,)``."""
        return self.prior.log_density(z) - squares(self.base.decode(z), self.x) / (2 * self.sigma**2)


class Reconstruction(NamedTuple):
    """``x: (B, D)``, the decoded latents of rows, and the joint energy of each row and its latent, ``energy: (B,)``.

    The energy is |G(z) - x|^2 - log p(z) up to a constant of the model: the score by which anomalies are found.
    """

    x: Tensor
    energy: Tensor
    cost: Cost


class Reconstructing(ABC):
    """A model that infers a latent for each row and decodes it again."""

    @abstractmethod
    def reconstruct(self, x: Tensor, generator: torch.Generator) -> Reconstruction:
        """Of ``x: (B, D)``, without a graph."""


class Subject(NamedTuple):
    """What a loss sees in place of a model and its rows: an energy, ``model``, and latents, ``rows: (B, D_z)``.

    ``own``: the loss of what the energy's does not train; ``cost``: what both took.
    """

    model: Model
    rows: Tensor
    own: Tensor
    cost: Cost


class LatentVariableModel(ABC):
    """A model whose energy is trained on latents that it infers from the rows of each batch, beside its decoder."""

    @abstractmethod
    def subject(self, x: Tensor, generator: torch.Generator) -> Subject:
        """Of a batch ``x: (B, D)``."""

    @abstractmethod
    def decoding(self) -> list[torch.nn.Parameter]:
        """What :attr:`Subject.own` trains."""


def squares(y: Tensor, x: Tensor) -> Tensor:
    """|y - x|^2 of each row, ``(B, D)`` -> ``(B,)``."""
    return (y - x).square().sum(1)


def normal_energy(z: Tensor) -> Tensor:
    """-log N(z; 0, I), ``(B, D_z)`` -> ``(B,)``."""
    return 0.5 * z.square().sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi)
