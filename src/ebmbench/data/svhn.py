"""SVHN: colour photographs of house numbers, cropped to one digit of 32 x 32 pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import torch

from ebmbench.core.local_files import LocalFile
from ebmbench.data import sources
from ebmbench.data.archives import BROKEN
from ebmbench.data.images import Digit, Images, Pictures, Published, Subset
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile, FileContent
from ebmbench.data.streams import name_of

__all__ = ["Svhn"]

ADDRESS = "http://ufldl.stanford.edu/housenumbers"


def _file(name: str, sha256: str) -> DataFile:
    return DataFile(f"svhn/{name}", sha256, Address(f"{ADDRESS}/{name}"))


@dataclass(frozen=True)
class Svhn(Images):
    """SVHN: 73,257 training and 26,032 test images of digits (Netzer et al., 2011); the files label digit 0 as 10."""

    rows: Subset | None = None
    without: Digit | None = None

    dim = 3072
    train = _file("train_32x32.mat", "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8")
    test = _file("test_32x32.mat", "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b")

    def published(self) -> Published:
        """Read the images, each file from the first source that has it."""
        return Published(*(split.value for split in self._read))

    def files(self) -> tuple[LocalFile, ...]:
        """Return those of the two files that were read from local ones."""
        return tuple(file for split in self._read for file in split.files)

    def origin(self) -> dict[str, object]:
        """Return the files' locations, their sha256, citation and licence."""
        return {
            "source": f"{self.train.origin}; {self.test.origin}",
            "sha256": f"{self.train.sha256}; {self.test.sha256}",
            "citation": "Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng. Reading digits in natural images "
            "with unsupervised feature learning. NIPS workshop on deep and unsupervised feature learning, 2011",
            "licence": "non-commercial use only (according to its web page)",
        }

    def parse(self, content: bytes) -> Pictures:
        """Parse a MATLAB file with X, 32 x 32 x 3 x N, and y, N x 1 with labels from 1 to 10.

        Raises ``ValueError`` if the file is incomplete or holds anything else.
        """
        from scipy.io import loadmat

        try:
            found = loadmat(io.BytesIO(content), variable_names=["X", "y"])
            pixels, labels = torch.from_numpy(found["X"]), torch.from_numpy(found["y"]).flatten().long()
        except (KeyError, TypeError, ValueError, *BROKEN) as error:
            raise ValueError(f"is not a complete MATLAB file with X and y ({error})") from error
        if pixels.dtype != torch.uint8 or pixels.shape[:3] != (32, 32, 3) or pixels.shape[3:] != labels.shape:
            raise ValueError(f"has X of {' x '.join(map(str, pixels.shape))} for {len(labels)} labels")
        if len(labels) and not 1 <= int(labels.min()) <= int(labels.max()) <= 10:
            raise ValueError("has labels other than 1 to 10")
        return Pictures(pixels.permute(3, 2, 0, 1).contiguous(), labels % 10)

    @cached_property
    def _read(self) -> list[FileContent[Pictures]]:
        return [sources.read_source(file, name_of(self), self.parse) for file in (self.train, self.test)]
