"""Images of other tools, as arrays with axes for pixels or with values on another scale."""

from __future__ import annotations

import numpy as np

#: levels of most image files
_LEVELS = 255


def flattened(images: np.ndarray, channels: int, side: int) -> np.ndarray:
    """Return images as ``(N, channels side^2)``, channel by channel; any other array as it is.

    Taken are ``(N, channels, side, side)``, ``(N, side, side, channels)`` and, of one channel, ``(N, side, side)``.
    """
    shape = images.shape[1:]
    if shape == (side, side, channels) != (channels, side, side):
        images, shape = np.moveaxis(images, 3, 1), (channels, side, side)
    if shape == (channels, side, side) or (channels == 1 and shape == (side, side)):
        return images.reshape(len(images), channels * side**2)
    return images


def check_scale(rows: np.ndarray, top: int) -> None:
    """Raise ``ValueError`` for images without a value below 0, which are not 2 level / top - 1, in [-1, 1].

    The message, which continues a sentence, says how to convert values in [0, 1], levels up to ``top``, and levels up
    to 255. Which of them they are depends on their largest value alone, so they are not converted unasked. Images in
    [-1, 1] of which no level is above 1 were not levels before they were converted, and are refused, too.
    """
    if not rows.size:
        return
    if rows.min() < 0:
        _check_levels(rows, top)
        return
    largest = rows.max()
    scale = next((one for one in (1, top, _LEVELS) if largest <= one), None)
    by = f"2 * x / {scale} - 1" if scale and scale > 1 else "2 * x - 1" if scale else "2 * x / (largest level) - 1"
    raise ValueError(
        f"has values in [{rows.min():.4g}, {largest:.4g}], none below 0; allowed: images in [-1, 1], "
        f"which {by} makes of them"
    )


def _check_levels(rows: np.ndarray, top: int) -> None:
    """Raise ``ValueError`` for images 2 level / top - 1 whose levels are all in [-1, 1]."""
    low, high = ((rows.min() + 1) * top / 2, (rows.max() + 1) * top / 2)
    # rounding of float32 moves a level by less
    near = 1e-3
    if top > 1 and low >= -1 - near and high <= 1 + near:
        raise ValueError(
            f"has levels in [{low:.4g}, {high:.4g}], black everywhere; allowed: levels 0 to {top}, "
            f"such as {top} * x of x in [0, 1]"
        )
