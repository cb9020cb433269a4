"""A convolutional energy on a convolutional generator of images, both trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.data.image_shape import Shape, shape_of
from ebmbench.models.distributions.decoder import ImageDecoder
from ebmbench.models.distributions.generalized import WithoutDensity
from ebmbench.models.interface import TrainingData
from ebmbench.models.networks.convolutions import Encoder
from ebmbench.models.networks.floored import Floored
from ebmbench.models.networks.spectral import spectrally_normalised
from ebmbench.models.statistics.interface import Definition

__all__ = ["GEBMImages"]


@dataclass(frozen=True)
class GEBMImages:
    """Convolutional generalized EBM: x = G(z), p(z) prop. to N(z; 0, I) exp(-U(G(z)))   (Arbel, Zhou and Gretton 2021).

    G is the decoder of ``lebm`` with ``latent`` dimensions and ``width``, U its mirror image with ``energy_width``
    channels in its first layer, bounded below by about -``floor``, with linear maps of norm at most 1 if ``spectral``.
    ``normalised``: G has group normalisation.
    Steps of the base alternate with those of the energy (``base_every`` of the training). There is no density in x.
    """

    provides: ClassVar[tuple[str, ...]] = ("statistics",)

    latent: PositiveInt = 16
    width: PositiveInt = 16
    energy_width: PositiveInt = 16
    normalised: bool = False
    spectral: bool = True
    floor: PositiveFloat = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def build(self, data: TrainingData, statistic: Definition, generator: torch.Generator) -> WithoutDensity:
        """Return an untrained model in single precision; raises :class:`UserError` for data of no known image shape."""
        shape, train = shape_of(data.dim), data.splits.train
        base = ImageDecoder(self.latent, shape, self.width, generator, self.normalised)
        network = _Energy(shape, self.energy_width, generator)
        if self.spectral:
            spectrally_normalised(network)
        return WithoutDensity(base, Floored(network, self.floor), statistic, train).float()


class _Energy(nn.Module):
    """A convolutional energy, ``(B, D)`` -> ``(B,)``."""

    def __init__(self, shape: Shape, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = Encoder(shape, 1, width, generator)

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x)[:, 0]
