"""A small convolutional network, trained here on a data set's labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ebmbench.core.device import CPU
from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import Fraction, PositiveInt, check_ranges
from ebmbench.data.images import Pictures, Published
from ebmbench.evaluation.extractors.blocks import features_in_blocks
from ebmbench.evaluation.extractors.interface import UnavailableWeightsError, Weights
from ebmbench.models.blocks import at_once, in_blocks
from ebmbench.training.optimizer import Optimizer

__all__ = ["CNN"]

#: number of features, and channels of the two convolutional layers
FEATURES, CHANNELS = 64, (32, 64)

RATE, BATCH = 1e-3, 128


@dataclass(frozen=True)
class CNN:
    """64 features: two layers of 3 x 3 filters, each with ReLU and pooling by 2, then a layer of 64 ReLU units.

    The network is trained for ``epochs`` on the training images and their labels, by cross-entropy and Adam. The
    features that distinguish classes thus determine which images are near each other: compare distances of this network
    only with each other, never with those of another network. ``outliers``: to each batch this fraction of it is added,
    at least two, as a further class: images with their pixels in random order, and uniform noise. Without them nothing
    keeps the features of what is no image away from those of images.
    """

    epochs: PositiveInt = 3
    outliers: Fraction = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def weights(self, images: Published, generator: torch.Generator) -> Weights:
        """Train the network; return its weights, and the fraction of test images that it labels correctly.

        Raises :class:`UnavailableWeightsError` for images of one class: nothing would train the features.
        """
        if len(images.train.labels.unique()) < 2:
            raise UnavailableWeightsError(
                "cnn: the images have no classes to tell apart; needed: labels of two or more, or another extractor"
            )
        classes = int(images.train.labels.max()) + 1
        network = _network(images.train, classes + (self.outliers > 0), generator)
        optimizer = Optimizer(list(network.parameters()), RATE, 0.9, 0.0, None)
        for _ in range(self.epochs):
            for places in torch.randperm(len(images.train.labels), generator=generator).split(BATCH):
                batch = images.train.of(places)
                if self.outliers:
                    batch = batch.and_(_outliers(batch.pixels, self.outliers, classes, generator))
                optimizer.step(nn.functional.cross_entropy(network(_scaled(batch.pixels)), batch.labels), 1.0)
        found = in_blocks(lambda pixels: network(_scaled(pixels)).argmax(1), images.test.pixels)
        accuracy = float((found == images.test.labels).float().mean())
        facts = {"source": f"trained here, {self.epochs} epochs", "accuracy": accuracy}
        return Weights({name: tensor.detach() for name, tensor in network.state_dict().items()}, facts)

    def features(self, tensors: Mapping[str, Tensor], pixels: Tensor, device: torch.device = CPU) -> Tensor:
        """Return the activations of the last hidden layer."""
        classes = len(tensors["classes.weight"])
        network = _Network(pixels.shape[1], pixels.shape[2], classes)
        network.load_state_dict(dict(tensors))
        network.to(device)
        return features_in_blocks(lambda rows: network.features(_scaled(rows)), pixels, device, at_once(pixels))


class _Network(nn.Module):
    def __init__(self, channels: int, side: int, classes: int) -> None:
        super().__init__()
        first, second = CHANNELS
        self.filters = nn.Sequential(
            *(nn.Conv2d(channels, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)),
            *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)),
        )
        self.units = nn.Linear(second * (-(-side // 4)) ** 2, FEATURES)
        self.classes = nn.Linear(FEATURES, classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the features, ``(B, C, side, side)`` -> ``(B, F)``."""
        return self.units(self.filters(x).flatten(1)).relu()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(B, classes)``."""
        return self.classes(self.features(x))


def _network(images: Pictures, classes: int, generator: torch.Generator) -> _Network:
    """Return an untrained network with torch's default initialisation."""
    with seeded(generator):
        return _Network(images.pixels.shape[1], images.pixels.shape[2], classes)


def _outliers(pixels: Tensor, fraction: float, label: int, generator: torch.Generator) -> Pictures:
    """Return images of no class: one half images with their pixels in random order, the other of uniform noise."""
    half = max(1, round(fraction * len(pixels) / 2))
    torn, places = pixels[:half].flatten(2), pixels[0, 0].numel()
    order = torch.rand(len(torn), 1, places, generator=generator).argsort(-1).expand_as(torn)
    torn = torn.gather(-1, order).view_as(pixels[:half])
    noise = torch.randint(256, torn.shape, generator=generator).to(pixels)
    return Pictures(torch.cat([torn, noise]), torch.full((2 * len(torn),), label))


def _scaled(pixels: Tensor) -> Tensor:
    return pixels.float() / 255
