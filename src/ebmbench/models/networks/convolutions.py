"""Convolutional decoder and encoder for images with sides of 8, 28, 32 and 64 pixels."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ebmbench.core.errors import UserError
from ebmbench.core.randomness import seeded
from ebmbench.data.image_shape import Shape


class Layer(NamedTuple):
    """A (transposed) convolution between two sides: its kernel, stride and padding."""

    kernel: int
    stride: int
    padding: int


#: from one pixel to four per side, and from one side to its double
FIRST, DOUBLE = Layer(4, 1, 0), Layer(4, 2, 1)

#: layers of a decoder by the side of its images; 28 is reached through 7
LAYERS = {
    8: (FIRST, DOUBLE),
    28: (FIRST, Layer(3, 2, 1), DOUBLE, DOUBLE),
    32: (FIRST, DOUBLE, DOUBLE, DOUBLE),
    64: (FIRST, DOUBLE, DOUBLE, DOUBLE, DOUBLE),
}


def layers_of(shape: Shape) -> tuple[Layer, ...]:
    """Return the decoder layers for images of this shape; raises :class:`UserError` for an unsupported side."""
    if shape.side not in LAYERS:
        raise UserError(f"images of {shape.side} x {shape.side} pixels; allowed sides: {', '.join(map(str, LAYERS))}")
    return LAYERS[shape.side]


def _channels(shape: Shape, width: int) -> list[int]:
    """Return the channels of a decoder's layers: the last but one has ``width``, each before it twice as many."""
    number = len(layers_of(shape))
    return [width * 2**place for place in reversed(range(number - 1))] + [shape.channels]


class Decoder(nn.Module):
    """A convolutional decoder G: ``(B, D_z)`` -> ``(B, D)`` in (-1, 1).

    Transposed convolutions, LeakyReLU of slope ``slope``, tanh at the end. Sides grow 1, 4, 8 ... by stride 2 (28: 1,
    4, 7, 14, 28); the last layer but one has ``width`` channels, and each layer before it twice as many as the next.
    With ``width`` 256 and 64 latents it is the decoder of Schröder et al. (2023) for MNIST, 7.87 million parameters.
    Filters are initialised by Glorot's normal distribution.
    """

    def __init__(self, latent: int, shape: Shape, width: int, generator: torch.Generator, slope: float = 0.1) -> None:
        super().__init__()
        channels = [latent, *_channels(shape, width)]
        parts: list[nn.Module] = []
        with seeded(generator):
            for place, layer in enumerate(layers_of(shape)):
                filters = nn.ConvTranspose2d(channels[place], channels[place + 1], *layer)
                nn.init.xavier_normal_(filters.weight)
                parts += [filters, nn.LeakyReLU(slope)]
        self.layers = nn.Sequential(*parts[:-1], nn.Tanh())

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
            for place, layer in reversed(list(enumerate(layers_of(shape)))):
                parts += [nn.Conv2d(channels[place + 1], channels[place], *layer), nn.LeakyReLU(slope)]
        self.layers = nn.Sequential(*parts[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Return the values at the single pixel of the last layer."""
        return self.layers(self.shape.images(x)).flatten(1)
