"""A convolutional decoder with an energy-based prior of its latents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.data.image_shape import shape_of
from ebmbench.models.distributions.decoder import ImageDecoder
from ebmbench.models.distributions.latent_ebm import Inference, LatentEBM
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.mlp import MLP
from ebmbench.models.statistics.interface import Definition

__all__ = ["LEBM"]


@dataclass(frozen=True)
class LEBM:
    """Latent EBM: x = G(z), p(z) prop. to N(z; 0, I) exp(-f(z))   (Pang et al. 2020; Schröder et al. 2023).

    See :class:`LatentEBM`; z has ``latent`` dimensions, pixels have noise of standard deviation ``sigma``. Decoder:
    ``width`` channels in its last layer but one. Prior: an MLP f of ``depth`` hidden layers of ``prior_width`` GELU
    units, or LeakyReLU (slope .2) if ``leaky``: then f is linear nearly everywhere, and score matching, which sees no
    curvature, has no minimum except grad f = -z. Inference: ``steps`` Langevin steps of ``step_size`` (a standard
    deviation) from N(0, I). Published for MNIST: 64 latents, width 256, sigma .3, three leaky layers of 200 units, 20
    steps of .1 (Schröder et al. 2023).
    """

    latent: PositiveInt = 16
    width: PositiveInt = 16
    sigma: PositiveFloat = 0.3
    depth: PositiveInt = 3
    prior_width: PositiveInt = 200
    steps: PositiveInt = 20
    step_size: PositiveFloat = 0.1
    leaky: bool = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> LatentEBM:
        """Return an untrained model in single precision; raises :class:`UserError` for data of no known image shape."""
        base = ImageDecoder(self.latent, shape_of(data.dim), self.width, generator)
        prior = MLP(
            self.latent, self.prior_width, self.depth, generator, partial(nn.LeakyReLU, 0.2) if self.leaky else nn.GELU
        )
        inference = Inference(self.steps, self.step_size, self.sigma)
        return LatentEBM(base, prior, inference, statistic, data.splits.train).float()
