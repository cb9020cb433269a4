"""Base class of image data sets that are read from one archive."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

from ebmbench.core.local_files import LocalFile
from ebmbench.data import sources
from ebmbench.data.images import Images, Published
from ebmbench.data.sources import DataFile, FileContent
from ebmbench.data.streams import name_of


class ArchiveImages(Images):
    """Base class of RGB image data sets in which a single file holds all images."""

    archive: ClassVar[DataFile]
    citation: ClassVar[str]
    licence: ClassVar[str]

    @abstractmethod
    def parse(self, content: bytes) -> Published:
        """Return all images of the file; raise ``ValueError`` if the file is incomplete."""

    def published(self) -> Published:
        """Read the images from the first source that has the file."""
        return self._read.value

    def files(self) -> tuple[LocalFile, ...]:
        """Return the archive if it was read from a local file."""
        return self._read.files

    def origin(self) -> dict[str, object]:
        """Return the file's location, its sha256, citation and licence."""
        return {
            "source": self.archive.origin,
            "sha256": self.archive.sha256,
            "citation": self.citation,
            "licence": self.licence,
        }

    @cached_property
    def _read(self) -> FileContent[Published]:
        return sources.read_source(self.archive, name_of(self), self.parse)
