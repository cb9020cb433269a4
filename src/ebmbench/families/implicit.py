"""A generator without a density."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ebmbench.families.model import Generator
from ebmbench.families.normal import Normal


class ImplicitGenerator(Generator):
    """G(z) = m + s f(z), z ~ N(0, I): m, s: ``(D,)``, mean and sd of the train rows, f a network D_z -> D."""

    centre: Tensor
    scale: Tensor
    zero: Tensor

    def __init__(self, network: nn.Module, latent: int, train: Tensor) -> None:
        super().__init__()
        self.dim = train.shape[1]
        self.network = network
        self.register_buffer("centre", train.mean(0))
        self.register_buffer("scale", train.std(0))
        self.register_buffer("zero", train.new_zeros(latent))

    @property
    def latent(self) -> Normal:
        """N(0, I)."""
        return Normal(self.zero, torch.eye(len(self.zero)).to(self.zero))

    def decode(self, z: Tensor) -> Tensor:
        """m + s f(z)."""
        return self.centre + self.scale * self.network(z)
