"""Reading of images from a NumPy file: which array, its axes, and what stands for white."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ebmbench.core.errors import allowed_names
from ebmbench.core.ranges import PositiveFloat
from ebmbench.data.own_files.arrays import read_arrays
from ebmbench.data.own_files.paths import read_file
from ebmbench.data.own_files.refusal import RefusedFileError, counted, ending, problems_of
from ebmbench.data.own_images.fitting import Fitting, fit, stacked
from ebmbench.data.own_images.part import Part

#: the largest level of a byte, which stands for white unless a setting says otherwise
BYTE = 255

#: images whose largest level is below this are more likely to be on another scale than on that of 0 to 255
DARK = 64

#: ends of the names of files
ENDS = (".npy", ".npz")

#: names of arrays: of images, where there are others, and of their classes
IMAGES, LABELS = "images", "labels"

CHANNELS = (1, 3)

AXES = "(N, H, W), (N, H, W, C) or (N, C, H, W) with C 1 or 3"


class Choice(NamedTuple):
    """The ``array`` of images in an ``.npz`` and the number that stands for ``white``; None finds them out."""

    array: str | None
    white: PositiveFloat | None


def read_archive(path: Path, choice: Choice, fitting: Fitting) -> Part:
    """Read the images of a NumPy file; raise :class:`~ebmbench.core.errors.UserError` with one line that names it."""
    with problems_of(path):
        if path.is_dir():
            raise RefusedFileError("a folder; one of pictures has kind: image_folder")
        if path.suffix.lower() not in ENDS:
            raise RefusedFileError(f"{ending(path)}; allowed: {', '.join(ENDS)}")
    found = read_file(path)
    with problems_of(path):
        arrays = read_arrays(found.content)
        name, images = _chosen(arrays, choice.array)
        images = _channels_first(images, name)
        white = _white(images, name, choice.white)
        levels = images.astype(np.uint8 if white == BYTE and images.dtype.kind in "iu" else np.float32)
        fitted = [fit(image, fitting) for image in levels]
        pixels = stacked(fitted, [f"image {place}" for place in range(len(fitted))])
        return Part(pixels, _classes(arrays, len(pixels)), white, found.file)


def _chosen(arrays: np.ndarray | dict[str, np.ndarray], wanted: str | None) -> tuple[str, np.ndarray]:
    """Return the array of images and what messages call it."""
    if isinstance(arrays, np.ndarray):
        if wanted is not None:
            raise RefusedFileError(f"array: {wanted!r}; an .npy has one array without a name; leave array out")
        return "the array", arrays
    others = [name for name in arrays if name != LABELS]
    name = wanted or (others[0] if len(others) == 1 else IMAGES)
    if name not in arrays:
        shapes = ", ".join(f"{other} {array.shape}" for other, array in arrays.items()) or "none"
        if wanted is None:
            raise RefusedFileError(f"the arrays are {shapes}; write array: and the name of the one with the images")
        raise RefusedFileError(f"array: {name!r} is unknown; {allowed_names(name, arrays)}")
    return f"the array {name}", arrays[name]


def _channels_first(images: np.ndarray, name: str) -> np.ndarray:
    """Return images as ``(N, C, H, W)``; raise :class:`RefusedFileError` for other axes, and for none."""
    if images.dtype.kind not in "biuf":
        raise RefusedFileError(f"{name} holds values of type {images.dtype}; allowed: real numbers")
    shape = images.shape
    if images.ndim in (3, 4) and not len(images):
        raise RefusedFileError(f"{name} has the shape {shape}: it holds no images")
    if images.ndim == 3:
        images = images[:, None]
    places = [axis for axis in (1, 3) if images.ndim == 4 and images.shape[axis] in CHANNELS]
    if len(places) > 1:
        raise RefusedFileError(
            f"{name} has the shape {shape}, in which axis 1 or axis 3 could be the channels; save the images with more "
            "pixels, or as pictures in a folder, which has kind: image_folder"
        )
    if not places or not images.size:
        flat = "; give it axes of pixels with reshape" if images.ndim == 2 else ""
        alpha = "; leave out the channel of transparency" if images.ndim == 4 and 4 in images.shape[1::2] else ""
        raise RefusedFileError(f"{name} has the shape {shape}; allowed: {AXES}{flat}{alpha}")
    return np.moveaxis(images, places[0], 1)


def _white(images: np.ndarray, name: str, white: float | None) -> float:
    """Return the number that stands for white; raise :class:`RefusedFileError` for values beyond it or unclear ones."""
    bad = int((~np.isfinite(images)).sum()) if images.dtype.kind == "f" else 0
    if bad:
        raise RefusedFileError(f"{name} has {counted(bad, 'value')} that are NaN or infinite; allowed: finite numbers")
    low, high = _shortest(float(images.min())), _shortest(float(images.max()))
    if low < 0 or high > (white or BYTE):
        allowed = f"0 to {_shortest(white)}" if white else f"0 to {BYTE}, or 0 to 1"
        raise RefusedFileError(f"{name} lies in [{low}, {high}]; allowed: {allowed}{_remedy(low, high)}")
    if white is None and 1 < high < DARK:
        raise RefusedFileError(
            f"{name} has values up to {high}, neither 1 nor {BYTE}; write white: and the number that stands for "
            f"white, such as white: {high}, or white: {BYTE} if the images are that dark"
        )
    if white is None and high <= 1 and images.dtype.kind in "iu":
        raise RefusedFileError(
            f"{name} has whole numbers of at most {high}; write white: 1 if 1 is white, or white: {BYTE}"
        )
    return _shortest(white) if white else BYTE if high > 1 else 1


def _shortest(number: float) -> float:
    """Return a whole number as ``int``, so that messages and facts have ``16`` for it, not ``16.0``."""
    return int(number) if float(number).is_integer() else number


def _remedy(low: float, high: float) -> str:
    """Return the end of a line on images that lie in [``low``, ``high``], beyond black or white."""
    if low >= 0:
        return "; write white: and the number that stands for white"
    return "; (x + 1) / 2 has 0 to 1" if low >= -1 and high <= 1 else ""


def _classes(arrays: np.ndarray | dict[str, np.ndarray], number: int) -> list[str]:
    """Return the name of each image's class, from the array of labels if there is one."""
    if isinstance(arrays, np.ndarray) or LABELS not in arrays:
        return [""] * number
    labels = arrays[LABELS]
    if labels.shape != (number,) or labels.dtype.kind not in "biuU":
        raise RefusedFileError(
            f"the array {LABELS} has the shape {labels.shape} and the type {labels.dtype}; allowed: ({number},), "
            "whole numbers or text, one class per image"
        )
    return [str(label) for label in labels.tolist()]
