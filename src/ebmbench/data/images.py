"""Base class of labelled image data sets: pixels in [-1, 1], splits by seed, optionally a held-out class."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import cached_property
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
import torch
from annotated_types import Ge, Le
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.core.ranges import check_ranges
from ebmbench.data import image_arrays
from ebmbench.data.coordinates import Scaling
from ebmbench.data.image_shape import Shape, shape_of
from ebmbench.data.interface import Dataset, Labels, Splits
from ebmbench.data.streams import name_of, stream

#: one in this many of the non-test images is used for validation
VALIDATION = 10

#: fraction of the images of the other classes that is used for testing if a class is held out
TESTED = 0.2

#: a number of images of which some are used for validation
Subset = Annotated[int, Ge(VALIDATION)]

#: one of ten classes
Digit = Annotated[int, Ge(0), Le(9)]


class Pictures(NamedTuple):
    """Images as ``pixels: (N, C, side, side)``, levels of type uint8 or float32, and their ``labels: (N,)`` int64."""

    pixels: Tensor
    labels: Tensor

    def of(self, places: Tensor) -> Pictures:
        """Return the images at the indices ``places``."""
        return Pictures(self.pixels[places], self.labels[places])

    def and_(self, other: Pictures) -> Pictures:
        """Return these images followed by the ``other`` ones."""
        return Pictures(torch.cat([self.pixels, other.pixels]), torch.cat([self.labels, other.labels]))


class Published(NamedTuple):
    """A data set's images as published, split into training and test images."""

    train: Pictures
    test: Pictures


class Images(Dataset):
    """Images of C x side x side pixels with levels 0 ... top, as vectors z = 2 level / top - 1, channel by channel.

    A concrete class may have two fields. ``rows``: the number of non-test images per seed, drawn at random by the seed;
    None takes all. ``without``: a class that is held out of the training and validation images. All images are then
    pooled, and the test images are all of that class and a fifth of the other classes, as in Yu et al. (2023).
    """

    top: int = 255
    classes: ClassVar[int] = 10
    rows: Subset | None = None
    without: Digit | None = None

    def __post_init__(self) -> None:
        check_ranges(self)

    @abstractmethod
    def published(self) -> Published:
        """Return all images; raise :class:`UserError` if no source has them."""

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """Return the facts specific to this data set."""

    def splits(self, seed: int) -> Splits:
        """Split by seed: the published test images, or those of :attr:`without`; a tenth of the rest for validation."""
        train, test = self._published if self.without is None else self._without(seed, self.without)
        train, val = (train.of(part) for part in self._divide(train, seed))
        return Splits(
            self.scaled(train.pixels),
            self.scaled(val.pixels),
            self.scaled(test.pixels),
            self.log_det,
            Labels(train.labels, val.labels, test.labels),
        )

    def scaled(self, pixels: Tensor) -> Tensor:
        """Scale levels ``(N, C, side, side)`` to vectors ``(N, D)`` in [-1, 1], float32."""
        return 2 * pixels.flatten(1).float() / self.top - 1

    def coordinates(self, seed: int) -> Scaling:
        """Return the scaling of levels 0 ... top to [-1, 1]."""
        return Scaling(self.dim, self.top / 2, self.top / 2)

    def flattened(self, samples: np.ndarray) -> np.ndarray:
        """Flatten arrays of images, channel by channel."""
        return image_arrays.flattened(samples, *self.shape)

    def check_scale(self, samples: np.ndarray) -> None:
        """Raise ``ValueError`` for images without a value below 0."""
        image_arrays.check_scale(samples, self.top)

    def class_names(self) -> list[str]:
        """Return the names of the classes, in the order of the labels: here their numbers."""
        return [str(label) for label in range(self.classes)]

    @property
    def shape(self) -> Shape:
        """Channels and side of each image."""
        return shape_of(self.dim)

    @property
    def log_det(self) -> float:
        """Log-determinant of the scaling, log |det dz/d level| = D log(2 / top)."""
        return self.dim * math.log(2 / self.top)

    def facts(self) -> dict[str, object]:
        """Return coordinates, split, dequantisation and :meth:`origin`."""
        split = "published test images; each seed uses a random tenth of the other images for validation"
        if self.without is not None:
            split = f"all images pooled; test images: all of class {self.without} and, per seed, a fifth of the others"
        if self.rows is not None:
            split += f"; each seed uses {self.rows} randomly chosen non-test images"
        channels, side = self.shape
        return {
            "coordinates": f"levels 0 to {self.top} as [-1, 1], {channels} x {side} x {side}, flattened",
            "split": split,
            "dequantisation": "none",
            **self.origin(),
        }

    def _divide(self, train: Pictures, seed: int) -> tuple[Tensor, ...]:
        """Draw the indices of a seed's training and validation images among the non-test images ``train``."""
        number = len(train.labels) if self.rows is None else self.rows
        if number > len(train.labels):
            raise UserError(
                f"dataset {name_of(self)}: rows = {number}; allowed: at most {len(train.labels)}, all its images"
            )
        places = torch.randperm(len(train.labels), generator=stream(self, "split", seed))[:number]
        return places.split([number - number // VALIDATION, number // VALIDATION])

    def _without(self, seed: int, label: int) -> Published:
        everything = self._published.train.and_(self._published.test)
        held_out = everything.labels == label
        if not held_out.any():
            raise UserError(f"dataset {name_of(self)}: without = {self.without}; no image has this class")
        normal, odd = (~held_out).nonzero().flatten(), held_out.nonzero().flatten()
        normal = normal[torch.randperm(len(normal), generator=stream(self, "held out", seed))]
        tested = int(TESTED * len(normal))
        return Published(everything.of(normal[tested:]), everything.of(torch.cat([normal[:tested], odd])))

    @cached_property
    def _published(self) -> Published:
        return self.published()


def shown(rows: Tensor) -> Tensor:
    """Convert vectors ``(N, D)`` to uint8 images ``(N, C, side, side)``, -1 as 0 and 1 as 255; clip values beyond."""
    levels = ((rows.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return shape_of(rows.shape[1]).images(levels)
