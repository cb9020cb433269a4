"""CIFAR-10: colour photographs of ten classes of objects, 32 x 32 pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.data import archives
from ebmbench.data.archive_images import ArchiveImages
from ebmbench.data.images import Digit, Pictures, Published, Subset
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile

__all__ = ["Cifar10"]

FOLDER = "cifar-10-batches-bin"
TRAIN, TEST = tuple(f"data_batch_{number}.bin" for number in range(1, 6)), ("test_batch.bin",)


@dataclass(frozen=True)
class Cifar10(ArchiveImages):
    """CIFAR-10: 50,000 training and 10,000 test images, 32 x 32 pixels in colour (Krizhevsky, 2009)."""

    rows: Subset | None = None
    without: Digit | None = None

    dim = 3072
    # the binary version, a label and 3 x 32 x 32 levels per image, because unpickling the Python one can run any code
    archive = DataFile(
        name="cifar-10-binary.tar.gz",
        sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        remote=Address("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
    )
    citation = "A. Krizhevsky. Learning multiple layers of features from tiny images. Toronto, 2009"
    licence = "not stated by the publisher"

    def parse(self, content: bytes) -> Published:
        """Read the training and test batches; raise ``ValueError`` if one is missing or truncated."""
        return Published(*(self._pictures(content, names) for names in (TRAIN, TEST)))

    def _pictures(self, content: bytes, names: tuple[str, ...]) -> Pictures:
        found = b"".join(archives.member(content, (f"{FOLDER}/{name}",)) for name in names)
        size = 1 + self.dim
        if not found or len(found) % size:
            raise ValueError(f"has {len(found)} bytes in {', '.join(names)}; each image needs {size} bytes")
        rows = torch.frombuffer(bytearray(found), dtype=torch.uint8).reshape(-1, size)
        if int(rows[:, 0].max()) >= self.classes:
            raise ValueError(f"has labels other than 0 to {self.classes - 1}")
        return Pictures(self.shape.images(rows[:, 1:]), rows[:, 0].long())
