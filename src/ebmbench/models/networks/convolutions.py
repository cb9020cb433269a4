"""Convolutional decoder and encoder for square images."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.core.randomness import seeded
from ebmbench.data.image_shape import Shape


class Layer(NamedTuple):
    """A (transposed) convolution between two sides: its kernel, stride and padding."""

    kernel: int
    stride: int
    padding: int


#: to twice the side, and to twice the side less one
DOUBLE, ODD = Layer(4, 2, 1), Layer(3, 2, 1)

#: largest side that the first layer makes of a single pixel
FIRST_SIDE = 4

#: number of groups of channels that are normalised together, or a divisor of it
GROUPS = 8


def layers_of(side: int) -> tuple[Layer, ...]:
    """Return the layers of a decoder from one pixel to ``side``: the first to at most four, others to twice as many.

    An odd side has one pixel less than twice the side before it; 28 = 2 (2 (2 x 4 - 1)).
    """
    if side <= FIRST_SIDE:
        return (Layer(side, 1, 0),)
    return (*layers_of(-(-side // 2)), ODD if side % 2 else DOUBLE)


def _channels(shape: Shape, width: int) -> list[int]:
    """Return the channels of a decoder's layers: the last but one has ``width``, each before it twice as many."""
    number = len(layers_of(shape.side))
    return [width * 2**place for place in reversed(range(number - 1))] + [shape.channels]


def _between(channels: int, slope: float, normalised: bool) -> list[nn.Module]:
    """Return what is between two layers of filters: an activation, after a normalisation if there is one."""
    normalisation = [nn.GroupNorm(math.gcd(GROUPS, channels), channels)] if normalised else []
    return [*normalisation, nn.LeakyReLU(slope)]


class Decoder(nn.Module):
    """A convolutional decoder G: ``(B, D_z)`` -> ``(B, D)`` in (-1, 1).

    Transposed convolutions, LeakyReLU of slope ``slope``, tanh at the end. Sides grow by stride 2, for 32 pixels as 1,
    4, 8, 16, 32, for 28 as 1, 4, 7, 14, 28; the last layer but one has ``width`` channels, and each layer before it
    twice as many as the next.
    With ``width`` 256 and 64 latents it is the decoder of Schröder et al. (2023) for MNIST, 7.87 million parameters.
    Filters are initialised by Glorot's normal distribution. ``normalised``: group normalisation of every layer but the
    last (Wu and He 2018), which makes an image depend on its own latents alone, as batch normalisation would not.
    """

    def __init__(
        self,
        latent: int,
        shape: Shape,
        width: int,
        generator: torch.Generator,
        slope: float = 0.1,
        normalised: bool = False,
    ) -> None:
        super().__init__()
        channels = [latent, *_channels(shape, width)]
        parts: list[nn.Module] = []
        with seeded(generator):
            for place, layer in enumerate(layers_of(shape.side)):
                filters = nn.ConvTranspose2d(channels[place], channels[place + 1], *layer)
                nn.init.xavier_normal_(filters.weight)
                parts += [*(_between(channels[place], slope, normalised) if parts else []), filters]
        self.layers = nn.Sequential(*parts, nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        """Return decoded images as flat vectors of pixels."""
        return self.layers(z[:, :, None, None]).flatten(1)


class Encoder(nn.Module):
    """A convolutional encoder, ``(B, D)`` -> ``(B, outputs)``: the decoder's layers reversed, as convolutions."""

    def __init__(self, shape: Shape, outputs: int, width: int, generator: torch.Generator, slope: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        channels = [outputs, *_channels(shape, width)]
        parts: list[nn.Module] = []
        with seeded(generator):
            for place, layer in reversed(list(enumerate(layers_of(shape.side)))):
                parts += [nn.Conv2d(channels[place + 1], channels[place], *layer), nn.LeakyReLU(slope)]
        self.layers = nn.Sequential(*parts[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Return the values at the single pixel of the last layer."""
        return self.layers(self.shape.images(x)).flatten(1)
