"""Base class of grey image data sets in four IDX files: training and test images and their labels."""

from __future__ import annotations

import math
import struct
from functools import cached_property
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from ebmbench.core.local_files import LocalFile
from ebmbench.data import sources
from ebmbench.data.images import Images, Pictures, Published
from ebmbench.data.sources import DataFile, FileContent
from ebmbench.data.streams import name_of

#: type code of unsigned bytes; an IDX file starts with two zero bytes, the type code and the number of axes
UNSIGNED_BYTES = 0x08


def parse(content: bytes, axes: int) -> Tensor:
    """Parse an IDX file of unsigned bytes with ``axes`` axes to uint8; raise ``ValueError`` if it is incomplete."""
    head = 4 * (1 + axes)
    if len(content) < head or content[:4] != bytes([0, 0, UNSIGNED_BYTES, axes]):
        raise ValueError(f"is not an IDX file of unsigned bytes with {axes} axes")
    shape = struct.unpack(f">{axes}I", content[4:head])
    if len(content) != head + math.prod(shape):
        raise ValueError(f"has {len(content) - head} numbers; its header declares {' x '.join(map(str, shape))}")
    return torch.frombuffer(bytearray(content[head:]), dtype=torch.uint8).reshape(shape)


class Files(NamedTuple):
    """The files of a split's images and labels."""

    images: DataFile
    labels: DataFile


class Contents(NamedTuple):
    """The contents of a split's files: ``images: (N, 1, side, side)`` and ``labels: (N,)``."""

    images: FileContent[Tensor]
    labels: FileContent[Tensor]


class IdxImages(Images):
    """Base class of data sets of grey images that are read from IDX files."""

    side: ClassVar[int]
    train: ClassVar[Files]
    test: ClassVar[Files]
    citation: ClassVar[str]
    licence: ClassVar[str]

    def published(self) -> Published:
        """Read the images, each file from the first source that has it."""
        return Published(*(Pictures(split.images.value, split.labels.value) for split in self._read))

    def files(self) -> tuple[LocalFile, ...]:
        """Return those of the files that were read from local ones."""
        return tuple(file for split in self._read for content in split for file in content.files)

    def origin(self) -> dict[str, object]:
        """Return the files' locations, their sha256, citation and licence."""
        files = [*self.train, *self.test]
        return {
            "source": "; ".join(file.origin for file in files),
            "sha256": "; ".join(str(file.sha256) for file in files),
            "citation": self.citation,
            "licence": self.licence,
        }

    @cached_property
    def _read(self) -> list[Contents]:
        return [self._contents(files) for files in (self.train, self.test)]

    def _contents(self, files: Files) -> Contents:
        name = name_of(self)
        images = sources.read_source(files.images, name, self._pixels)
        number = len(images.value)
        return Contents(images, sources.read_source(files.labels, name, lambda found: self._labels(found, number)))

    def _pixels(self, content: bytes) -> Tensor:
        found = parse(content, 3)
        if found.shape[1:] != (self.side, self.side):
            raise ValueError(f"has images of {found.shape[1]} x {found.shape[2]}, not {self.side} x {self.side}")
        return found[:, None]

    def _labels(self, content: bytes, number: int) -> Tensor:
        found = parse(content, 1)
        if len(found) != number or (number and int(found.max()) >= self.classes):
            raise ValueError(f"does not have {number} labels from 0 to {self.classes - 1}, one per image")
        return found.long()
