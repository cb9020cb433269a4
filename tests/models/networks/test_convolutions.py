"""Decoders and encoders of images of any side."""

import pytest
import torch

from ebmbench.data.image_shape import Shape
from ebmbench.models.networks.convolutions import Decoder, Encoder, layers_of
from tests.helpers.targets import generator


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [*range(3, 20), 28, 31, 32, 33, 48, 64])
def test_a_decoder_makes_images_of_any_side_and_an_encoder_takes_them(side, channels):
    shape = Shape(channels, side)
    x = Decoder(2, shape, 1, generator())(torch.randn(5, 2, generator=generator(1)))
    assert x.shape == (5, channels * side**2) and bool((x.abs() < 1).all())
    assert Encoder(shape, 3, 1, generator())(x).shape == (5, 3)


@pytest.mark.parametrize(
    ("side", "sides"),
    [(8, [4, 8]), (28, [4, 7, 14, 28]), (32, [4, 8, 16, 32]), (64, [4, 8, 16, 32, 64]), (9, [3, 5, 9])],
)
def test_sides_double_from_layer_to_layer(side, sides):
    found, now = [], 1
    for kernel, stride, padding in layers_of(side):
        now = (now - 1) * stride - 2 * padding + kernel
        found.append(now)
    assert found == sides


@pytest.mark.parametrize("normalised", [False, True])
def test_a_normalised_decoder_makes_an_image_of_its_own_latents_alone(normalised):
    decoder = Decoder(3, Shape(1, 28), 4, generator(), normalised=normalised)
    z = torch.randn(6, 3, generator=generator(1))
    assert torch.allclose(decoder(z)[:1], decoder(z[:1]), atol=1e-6)
    kinds = [type(part).__name__ for part in decoder.layers]
    assert kinds.count("GroupNorm") == (3 if normalised else 0) and kinds[-2:] == ["ConvTranspose2d", "Tanh"]
    # values of the first layer, times ten: a normalisation takes it away
    with torch.no_grad():
        before = decoder(z)
        decoder.layers[0].weight.mul_(10.0)
        decoder.layers[0].bias.mul_(10.0)
        assert torch.allclose(decoder(z), before, atol=1e-3) == normalised


def test_the_published_decoder_has_as_many_parameters_as_is_said():
    parameters = Decoder(64, Shape(1, 28), 256, generator()).parameters()
    assert round(sum(parameter.numel() for parameter in parameters) / 1e4) == 787
