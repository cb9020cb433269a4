"""Sets of images that are read out of one archive."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from ebmbench.data import sources
from ebmbench.data.images import Images, Published
from ebmbench.data.sources import DataFile
from ebmbench.data.streams import name_of


class ArchiveImages(Images):
    """Images of three channels, red, green and blue, in a file that holds them all."""

    channels = 3
    archive: ClassVar[DataFile]
    citation: ClassVar[str]
    licence: ClassVar[str]

    @abstractmethod
    def parse(self, content: bytes) -> Published:
        """All images of the file; ``ValueError`` where it is not whole."""

    def published(self) -> Published:
        """From the first source that has the file."""
        return sources.read_source(self.archive, name_of(self), self.parse).value

    def origin(self) -> dict[str, object]:
        """The file, its sha256, citation and licence."""
        return {
            "source": self.archive.origin,
            "sha256": self.archive.sha256,
            "citation": self.citation,
            "licence": self.licence,
        }
