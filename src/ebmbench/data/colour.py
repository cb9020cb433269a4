"""Sets of colour images that are read out of one file for training and one for testing."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from ebmbench.data import sources
from ebmbench.data.images import Images, Pictures, Published
from ebmbench.data.sources import DataFile
from ebmbench.data.streams import name_of


class ColourImages(Images):
    """Images of three channels, red, green and blue."""

    channels = 3
    train: ClassVar[DataFile]
    test: ClassVar[DataFile]
    citation: ClassVar[str]
    licence: ClassVar[str]

    @abstractmethod
    def parse(self, content: bytes) -> Pictures:
        """The images of one file; ``ValueError`` if it is not whole."""

    def published(self) -> Published:
        """From the first source that has each file."""
        return Published(*(sources.read(file, name_of(self), self.parse).value for file in (self.train, self.test)))

    def origin(self) -> dict[str, object]:
        """The files, their sha256, citation and licence."""
        files = list(dict.fromkeys([self.train, self.test]))
        return {
            "source": "; ".join(file.origin for file in files),
            "sha256": "; ".join(str(file.sha256) for file in files),
            "citation": self.citation,
            "licence": self.licence,
        }
