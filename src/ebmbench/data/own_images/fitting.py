"""Images of any shape as square ones of one size and one number of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError

#: weights of red, green and blue in a grey level, by ITU-R BT.601
LUMA = np.array([0.299, 0.587, 0.114])

#: fewest pixels of a side
LEAST_SIDE = 3


class Fitting(NamedTuple):
    """What images are made into: ``size`` pixels a side, ``channels`` 1 or 3; None leaves them as they are."""

    size: int | None
    channels: int | None

    @property
    def statement(self) -> str:
        """What is done to the images, in words."""
        done = [f"converted to {self.channels} channels"] * bool(self.channels)
        done += [f"the central square, scaled to {self.size} x {self.size} by PIL's bilinear filter"] * bool(self.size)
        return "; ".join(done) or "as in the files"


def fit(image: np.ndarray, fitting: Fitting) -> np.ndarray:
    """Return ``image: (C, H, W)``, uint8 or float32, with the channels and the size of the ``fitting``."""
    coloured = _with_channels(image, fitting.channels)
    return coloured if fitting.size is None else np.stack([_scaled(plane, fitting.size) for plane in coloured])


def stacked(images: Sequence[np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Stack square images of one shape to ``(N, C, side, side)``.

    ``names``: what messages call each. Raises :class:`RefusedFileError` for images of different shapes, with what to
    write, and for one that is not square or too small.
    """
    first = images[0]
    for image, name in zip(images, names, strict=True):
        if len(image) != len(first):
            raise RefusedFileError(
                f"{name} {_colour(image)} and {names[0]} {_colour(first)}; write channels: 1 or channels: 3"
            )
        if image.shape != first.shape:
            raise RefusedFileError(
                f"{name} has {_pixels(image)} and {names[0]} {_pixels(first)}; write size: {min(first.shape[1:])}, or "
                "another number of pixels, to crop and scale all to squares"
            )
    height, width = first.shape[1:]
    if height != width:
        raise RefusedFileError(
            f"the images have {_pixels(first)}; needed: squares; write size: {min(height, width)} to crop them"
        )
    if height < LEAST_SIDE:
        raise RefusedFileError(f"the images have {_pixels(first)}; allowed: {LEAST_SIDE} x {LEAST_SIDE} or more")
    return np.stack(images)


def _with_channels(image: np.ndarray, channels: int | None) -> np.ndarray:
    if channels in (None, len(image)):
        return image
    if len(image) == 1:
        return np.repeat(image, 3, axis=0)
    grey = np.tensordot(LUMA, image, 1)[None]
    return (np.rint(grey) if image.dtype == np.uint8 else grey).astype(image.dtype)


def _scaled(plane: np.ndarray, size: int) -> np.ndarray:
    """Crop ``plane: (H, W)`` to its central square and scale this."""
    from PIL import Image

    side = min(plane.shape)
    top, left = ((length - side) // 2 for length in plane.shape)
    square = Image.fromarray(plane[top : top + side, left : left + side])
    return np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))


def _pixels(image: np.ndarray) -> str:
    """Return width and height, as image viewers show them."""
    return f"{image.shape[2]} x {image.shape[1]} pixels"


def _colour(image: np.ndarray) -> str:
    return "is grey" if len(image) == 1 else "is in colour"
