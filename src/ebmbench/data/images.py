"""What sets of labelled images share: rows of pixels in [-1, 1], splits by seed, a class that can be left out."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import cached_property
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data.image_shape import shape_of
from ebmbench.data.interface import Dataset, Labels, Splits
from ebmbench.data.streams import name_of, stream

#: one in so many of the rows that are not for testing is for validation
VALIDATION = 10

#: share of the images of other classes that models of them do not see, where a class is left out
TESTED = 0.2


class Pictures(NamedTuple):
    """``pixels: (N, C, side, side)`` uint8 and their ``labels: (N,)`` int64."""

    pixels: Tensor
    labels: Tensor

    def of(self, places: Tensor) -> Pictures:
        """Those at ``places``."""
        return Pictures(self.pixels[places], self.labels[places])

    def and_(self, other: Pictures) -> Pictures:
        """These, then the others."""
        return Pictures(torch.cat([self.pixels, other.pixels]), torch.cat([self.labels, other.labels]))


class Published(NamedTuple):
    """A set's images as published: those for training and those for testing."""

    train: Pictures
    test: Pictures


class Images(Dataset):
    """Images of C channels of side x side pixels with levels 0 ... top: rows z = 2 level / top - 1, channel by channel.

    A concrete class may have two fields. ``rows``: so many of the images that are not for testing are a seed's, drawn
    by it; all, where it is None. ``without``: a class that is left out of training and validation rows; then all images
    are pooled, a fifth of the other classes' and all of that class's are for testing, as Yu et al. (2023) have it.
    """

    channels: ClassVar[int]
    side: ClassVar[int]
    top: ClassVar[int] = 255
    classes: ClassVar[int] = 10
    rows: ClassVar[int | None] = None
    without: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        if self.rows is not None and self.rows < VALIDATION:
            raise ValueError(f"rows = {self.rows}; allowed: {VALIDATION} or more")
        if self.without is not None and not 0 <= self.without < self.classes:
            raise ValueError(f"without = {self.without}; allowed: a class, 0 to {self.classes - 1}")

    @abstractmethod
    def published(self) -> Published:
        """All images; raises :class:`UserError` where no source has them."""

    @abstractmethod
    def origin(self) -> dict[str, object]:
        """The facts that are this set's own."""

    def splits(self, seed: int) -> Splits:
        """The published test images, or those of :attr:`without`; of the others a tenth is for validation."""
        train, test = self._published if self.without is None else self._without(seed)
        number = len(train.labels) if self.rows is None else self.rows
        if number > len(train.labels):
            raise UserError(f"dataset {name_of(self)}: rows = {number}; the set has {len(train.labels)}")
        places = torch.randperm(len(train.labels), generator=stream(self, "split", seed))[:number]
        parts = [train.of(part) for part in places.split([number - number // VALIDATION, number // VALIDATION])]
        parts = [*parts, test]
        return Splits(
            *(self.scaled(part.pixels) for part in parts), self.log_det, Labels(*(part.labels for part in parts))
        )

    def scaled(self, pixels: Tensor) -> Tensor:
        """``(N, C, side, side)`` levels -> ``(N, D)`` in [-1, 1], float32."""
        return 2 * pixels.flatten(1).float() / self.top - 1

    @property
    def log_det(self) -> float:
        """log |det dz/d level| = D log(2 / top)."""
        return self.dim * math.log(2 / self.top)

    def facts(self) -> dict[str, object]:
        """Coordinates, split, and :meth:`origin`."""
        split = "the published test images; of the others every seed has a tenth of its own for validation"
        if self.without is not None:
            split = f"all images pooled; for testing all of class {self.without} and a fifth of the others, by the seed"
        if self.rows is not None:
            split += f", out of {self.rows} that it draws"
        return {
            "coordinates": f"levels 0 to {self.top} as -1 to 1, {self.channels} x {self.side} x {self.side}, flattened",
            "split": split,
            "dequantisation": "none",
            **self.origin(),
        }

    def _without(self, seed: int) -> Published:
        everything = self._published.train.and_(self._published.test)
        held_out = everything.labels == self.without
        if not held_out.any():
            raise UserError(f"dataset {name_of(self)}: without = {self.without}; there is no image of this class")
        normal, odd = (~held_out).nonzero().flatten(), held_out.nonzero().flatten()
        normal = normal[torch.randperm(len(normal), generator=stream(self, "held out", seed))]
        tested = int(TESTED * len(normal))
        return Published(everything.of(normal[tested:]), everything.of(torch.cat([normal[:tested], odd])))

    @cached_property
    def _published(self) -> Published:
        return self.published()


def shown(rows: Tensor) -> Tensor:
    """``(N, D)`` rows -> ``(N, C, side, side)`` uint8, -1 as 0 and 1 as 255; what lies beyond is cut off."""
    levels = ((rows.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return shape_of(rows.shape[1]).images(levels)
