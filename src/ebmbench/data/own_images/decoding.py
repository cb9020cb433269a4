"""Decoding of one picture, a PNG or JPEG file, to grey or RGB levels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ebmbench.data.own_files.refusal import RefusedFileError

if TYPE_CHECKING:
    from PIL import Image

#: what is drawn behind pictures with transparent pixels; by default they are refused
Background = Literal["error", "black", "white"]

#: modes of PIL with 8 bits or fewer, of which grey or RGB levels are the same picture -> the mode of these levels
PLAIN = {"1": "L", "L": "L", "LA": "L", "RGB": "RGB", "RGBA": "RGB"}

#: modes whose levels have another meaning -> what a message calls them
OTHERS = {"P": "a palette", "PA": "a palette", "CMYK": "inks (CMYK)", "YCbCr": "YCbCr colours", "LAB": "LAB colours"}

#: number of channels -> mode
MODES = {1: "L", 3: "RGB"}


class Decoding(NamedTuple):
    """How pictures are decoded: to ``channels``, 1 or 3, or as each is; ``background``: behind transparent pixels."""

    channels: int | None
    background: Background


def decode(content: bytes, decoding: Decoding) -> np.ndarray:
    """Decode the bytes of a PNG or JPEG file to levels ``(C, H, W)`` uint8, turned as its camera says.

    Raises :class:`RefusedFileError` for anything else, for more than 8 bits per level, and for a palette or transparent
    pixels unless the ``decoding`` says what becomes of them.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as file:
            picture = ImageOps.exif_transpose(file)
            levels = np.asarray(_plain(picture, decoding))
    # an error of its own, because its message names an object in memory
    except UnidentifiedImageError as error:
        raise RefusedFileError("not a complete PNG or JPEG picture (it does not begin like one)") from error
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise RefusedFileError(f"not a complete PNG or JPEG picture ({' '.join(str(error).split())[:120]})") from error
    return np.moveaxis(np.atleast_3d(levels), 2, 0)


def _plain(picture: Image.Image, decoding: Decoding) -> Image.Image:
    """Return the picture in the mode L or RGB."""
    if picture.mode not in (*PLAIN, *OTHERS):
        raise RefusedFileError(f"more than 8 bits per level (mode {picture.mode}); save it with 8 bits")
    if decoding.channels is None and picture.mode in OTHERS:
        raise RefusedFileError(f"has {OTHERS[picture.mode]}; write channels: 3 for colour or channels: 1 for grey")
    mode = MODES[decoding.channels] if decoding.channels else PLAIN[picture.mode]
    return _opaque(picture, decoding.background).convert(mode)


def _opaque(picture: Image.Image, background: Background) -> Image.Image:
    """Return the picture on the background if it has transparent pixels, else as it is."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture
    shown = picture.convert("RGBA")
    if shown.getchannel("A").getextrema() == (255, 255):
        return picture
    if background == "error":
        raise RefusedFileError("has transparent pixels; write background: white or background: black to fill them")
    return Image.alpha_composite(Image.new("RGBA", shown.size, background), shown)
