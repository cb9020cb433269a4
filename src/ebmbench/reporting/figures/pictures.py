"""Mosaics of unretouched images in a panel, on white."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from ebmbench.core.seeds import generator
from ebmbench.data.images import shown
from ebmbench.reporting.figures.style import SMALL

WHITE = 255

#: side of an image over the gap between images, in pixels
GAP = 12


def chosen(n: int, number: int, *axes: str | int) -> Tensor:
    """Choose ``number`` of the indices 0 ... n - 1, or all, at random with a stream seeded by ``axes``."""
    return torch.randperm(n, generator=generator("figure", *axes))[:number]


def mosaic(rows: Tensor, across: int, down: int = 1) -> np.ndarray:
    """Join images ``(n, D)`` to one picture, uint8 ``(height, width)`` or ``(height, width, 3)``, white if empty.

    ``across`` images per line, and ``down`` lines or as many more as needed.
    """
    images = shown(rows).numpy().transpose(0, 2, 3, 1)
    side, gap = images.shape[1], gap_of(images.shape[1])
    down, step = max(down, -(-len(images) // across)), side + gap
    canvas = np.full((down * step - gap, across * step - gap, images.shape[3]), WHITE, dtype=np.uint8)
    for place, image in enumerate(images):
        top, left = (step * index for index in divmod(place, across))
        canvas[top : top + side, left : left + side] = image
    return canvas[..., 0] if canvas.shape[2] == 1 else canvas


def gap_of(side: int) -> int:
    """Return the gap in pixels between images of this side."""
    return max(1, side // GAP)


def show(axes: Axes, picture: np.ndarray) -> None:
    """Show a picture without axes; one channel from black to white."""
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.imshow(picture, cmap="gray", vmin=0, vmax=WHITE, interpolation="none")


def say(axes: Axes, text: str) -> None:
    """Write text in an empty frame in place of a picture."""
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
