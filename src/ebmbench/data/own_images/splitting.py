"""Splits of a user's own images in which identical ones stay together."""

from __future__ import annotations

import numpy as np
import torch
from torch import Generator, Tensor

from ebmbench.data.row_splits import TEST, TRAIN, sides_of_groups


def group_images(pixels: np.ndarray) -> Tensor:
    """Number the distinct images of ``pixels: (N, ...)`` in the order of their first occurrence: ``(N,)`` int64."""
    numbers: dict[bytes, int] = {}
    return torch.tensor([numbers.setdefault(image.tobytes(), len(numbers)) for image in pixels])


def set_apart(groups: Tensor, number: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return the indices of the other images and of ``number`` images, of which no group is in both.

    ``groups: (N,)``: equal numbers mark identical images. Fewer are set apart if every group left is too large.
    """
    sides = sides_of_groups(groups, {TEST: number}, generator)
    return (sides == TRAIN).nonzero().flatten(), (sides == TEST).nonzero().flatten()
