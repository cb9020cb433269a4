"""Patches of colour photographs, 32 x 32 pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass

import torch
from torch import Tensor

from ebmbench.core.errors import UserError
from ebmbench.data import archives
from ebmbench.data.archive_images import ArchiveImages
from ebmbench.data.images import Pictures, Published, Subset
from ebmbench.data.remotes import Package
from ebmbench.data.sources import DataFile

__all__ = ["PhotoPatches"]

WHEEL = "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl"
SHA256 = "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af"

#: photographs in that wheel
PHOTOS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
)

#: photographs that scikit-learn bundles
BUNDLED = ("china.jpg", "flower.jpg")

#: pixels between neighbouring patches; fraction of each photograph, at its right, that is used for testing
STRIDE, TESTED = 16, 0.2


@dataclass(frozen=True)
class PhotoPatches(ArchiveImages):
    """Patches, 16 pixels apart, of eleven photographs from scikit-image and scikit-learn; each photograph is a class.

    Patches within the right fifth of each photograph are used for testing. Patches that reach into it from the left
    are excluded, so no pixel is in both splits. Both splits still show the same scenes, and neighbouring patches
    overlap: the 14,000 training patches hold less information than their number suggests. The data set is a stand-in
    for colour image data sets in general, not for a particular one.
    """

    rows: Subset | None = None

    dim = 3072
    side = 32
    classes = len(PHOTOS) + len(BUNDLED)
    archive = DataFile(WHEEL, SHA256, Package("scikit-image", "0.26.0", WHEEL, SHA256))
    citation = "S. van der Walt et al. scikit-image: image processing in Python. PeerJ 2, 2014"
    licence = "free to use and to share; the README next to each photo in its package states the terms"

    def origin(self) -> dict[str, object]:
        """Add the photographs and the layout of the patches to the inherited facts."""
        return {
            **super().origin(),
            "source": f"{self.archive.origin} > skimage/data: {', '.join(PHOTOS)}; scikit-learn: {', '.join(BUNDLED)}",
            "patches": f"{self.side} x {self.side} pixels, {STRIDE} apart; right fifth of each photo for testing",
        }

    def parse(self, content: bytes) -> Published:
        """Cut the wheel's and scikit-learn's photographs into patches; raise ``ValueError`` if one is unusable."""
        photos = [_decoded(archives.member(content, (f"skimage/data/{name}",))) for name in PHOTOS]
        parts = [self._divided(photo, label) for label, photo in enumerate([*photos, *_bundled()])]
        train, test = zip(*parts, strict=True)
        return Published(_joined(train), _joined(test))

    def _divided(self, photo: Tensor, label: int) -> tuple[Pictures, Pictures]:
        """Return training and test patches of ``photo: (3, H, W)``."""
        border = int((1 - TESTED) * photo.shape[2])
        train, test = _patches(photo[:, :, :border], self.side), _patches(photo[:, :, border:], self.side)
        return _of_class(train, label), _of_class(test, label)


def _of_class(patches: Tensor, label: int) -> Pictures:
    return Pictures(patches, torch.full((len(patches),), label))


def _patches(photo: Tensor, side: int) -> Tensor:
    """Cut a photograph ``(3, H, W)`` into patches ``(N, 3, side, side)``."""
    windows = photo.unfold(1, side, STRIDE).unfold(2, side, STRIDE)
    return windows.permute(1, 2, 0, 3, 4).reshape(-1, 3, side, side)


def _joined(parts: tuple[Pictures, ...]) -> Pictures:
    return Pictures(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def _decoded(content: bytes) -> Tensor:
    """Decode an image file to levels ``(3, H, W)``; raise ``ValueError`` if it is broken."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
            raw, (width, height) = image.convert("RGB").tobytes(), image.size
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"has a broken photograph ({error})") from error
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(height, width, 3).permute(2, 0, 1)


def _bundled() -> list[Tensor]:
    from sklearn.datasets import load_sample_image

    photos = [torch.tensor(load_sample_image(name)).permute(2, 0, 1) for name in BUNDLED]
    if any(photo.shape != (3, 427, 640) for photo in photos):
        raise UserError("dataset photo_patches: scikit-learn's photographs do not have 640 x 427 pixels")
    return photos
