"""Generators of standardised data from standard normal latents."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmbench.models.distributions.normal import Normal
from ebmbench.models.interface import Generator


class StandardLatent(Generator):
    """Base of G(z) = m + s f(z), z ~ N(0, I) in D_z dimensions; m, s: ``(D,)``, mean and sd of the training data."""

    centre: Tensor
    scale: Tensor
    zero: Tensor

    def __init__(self, train: Tensor, latent: int | None = None) -> None:
        """``train: (N, D)``; ``latent``: D_z, by default D."""
        super().__init__()
        self.dim = train.shape[1]
        self.register_buffer("centre", train.mean(0))
        self.register_buffer("scale", train.std(0))
        self.register_buffer("zero", train.new_zeros(latent or self.dim))

    @property
    def latent(self) -> Normal:
        """The distribution of z, N(0, I)."""
        return Normal(self.zero, torch.eye(len(self.zero)).to(self.zero))
