"""CelebA: faces of celebrities, cropped and scaled to 64 x 64 pixels."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor

from ebmbench.data.archive_images import ArchiveImages
from ebmbench.data.archives import BROKEN
from ebmbench.data.images import Pictures, Published, Subset
from ebmbench.data.remotes import Address
from ebmbench.data.sources import DataFile

__all__ = ["Celeba64"]

FOLDER = "img_align_celeba"

#: number of images in the published partition: training images come first, test images last
TRAINING = 162_770
VALIDATION = 19_867
TESTING = 19_962

#: side of the central square that is cropped from the 178 x 218 pixels
CROP = 140

#: bytes; a larger file is not one of these images
LARGEST = 2**20


@dataclass(frozen=True)
class Celeba64(ArchiveImages):
    """CelebA faces (Liu et al., 2015): the central 140 x 140 pixels, scaled to 64 x 64 by PIL's bilinear filter.

    The training images are the first ``faces`` of 162,770 (40,000 by default, as in papers on latent energy-based
    priors). The test images are the first ``tested`` of 19,962. There are no classes.
    """

    rows: Subset | None = None
    faces: Annotated[int, Ge(10), Le(TRAINING)] = 40_000
    tested: Annotated[int, Ge(10), Le(TESTING)] = 10_000

    dim = 12_288
    classes = 1
    # the publisher offers only a manual download; the address is a copy of the whole archive
    archive = DataFile(
        name="img_align_celeba.zip",
        sha256="46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74",
        remote=Address("https://s3.amazonaws.com/pytorch-tutorial-assets/img_align_celeba.zip"),
    )
    citation = "Z. Liu, P. Luo, X. Wang, X. Tang. Deep learning face attributes in the wild. ICCV 2015"
    licence = "non-commercial research only (according to its web page)"

    def origin(self) -> dict[str, object]:
        """Add the crop and scaling of the images to the inherited facts."""
        return {**super().origin(), "images": f"central {CROP} x {CROP} crop of 178 x 218 pixels, scaled to 64 x 64"}

    def parse(self, content: bytes) -> Published:
        """Read the faces from the zip of numbered JPEG files; raise ``ValueError`` if one is missing or broken."""
        first = TRAINING + VALIDATION + 1
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return Published(
                    self._pictures(archive, range(1, self.faces + 1)),
                    self._pictures(archive, range(first, first + self.tested)),
                )
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise ValueError(f"is not a complete zip archive ({error})") from error

    def _pictures(self, archive: zipfile.ZipFile, numbers: Sequence[int]) -> Pictures:
        pixels = torch.stack([self._face(archive, f"{FOLDER}/{number:06d}.jpg") for number in numbers])
        return Pictures(pixels, torch.zeros(len(pixels), dtype=torch.int64))

    def _face(self, archive: zipfile.ZipFile, name: str) -> Tensor:
        """Return the face's levels ``(3, 64, 64)``."""
        from PIL import Image, UnidentifiedImageError

        try:
            if archive.getinfo(name).file_size > LARGEST:
                raise ValueError(f"has a file {name} of more than {LARGEST} bytes")
            with Image.open(io.BytesIO(archive.read(name)), formats=["JPEG"]) as image:
                if image.size != (178, 218):
                    raise ValueError(f"has {name} of {image.size[0]} x {image.size[1]} pixels, not 178 x 218")
                left, top = (178 - CROP) // 2, (218 - CROP) // 2
                box = (left, top, left + CROP, top + CROP)
                scaled = image.convert("RGB").resize((64, 64), Image.Resampling.BILINEAR, box=box)
        except KeyError as error:
            raise ValueError(f"has no {name}") from error
        except (UnidentifiedImageError, *BROKEN) as error:
            raise ValueError(f"has a broken {name} ({error})") from error
        return torch.frombuffer(bytearray(scaled.tobytes()), dtype=torch.uint8).reshape(64, 64, 3).permute(2, 0, 1)
