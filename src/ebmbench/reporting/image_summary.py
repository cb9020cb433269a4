"""Summary of a set of images: its classes and channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from ebmbench.reporting.data_page import Section, Summary

#: names of the channels, by their number
CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}

#: number of images that are converted at once
BLOCK = 1000

_ABOUT = (
    "{images:,} images of {channels} x {side} x {side} pixels, levels 0 to {top}. `training`: images that a seed may "
    "use for training and validation; `test`: those for testing; `mean` and `sd`: of all levels."
)

_CHANNELS = (
    "Levels of all training and test images. `sd of means`: standard deviation of the images' means; `lowest` and "
    "`highest`: fraction of the pixels with level 0 and level {top}."
)


class Levels(NamedTuple):
    """Means over the pixels of each image and channel, ``(N, C)``: of levels, their squares, level 0 and level top."""

    mean: np.ndarray
    square: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    @classmethod
    def of(cls, pixels: np.ndarray, top: int) -> Self:
        """Compute them for ``pixels: (N, C, side, side)`` with levels 0 ... ``top``."""
        found = [cls._of_block(pixels[start : start + BLOCK], top) for start in range(0, len(pixels), BLOCK)]
        return cls.joined(found)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Join those of several sets of images."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))

    @classmethod
    def _of_block(cls, pixels: np.ndarray, top: int) -> Self:
        levels = pixels.astype(np.float64)
        return cls(*(of.mean((2, 3)) for of in (levels, levels**2, levels == 0, levels == top)))


def image_summary(pixels: Sequence[np.ndarray], classes: Sequence[Sequence[str]], top: int) -> Summary:
    """Summarise training and test images.

    ``pixels``: those of both, ``(N, C, side, side)``, levels 0 ... ``top``; ``classes``: the names of their classes.
    """
    levels = Levels.joined([Levels.of(of, top) for of in pixels])
    tested = np.repeat([False, True], [len(of) for of in pixels])
    _, channels, side, _ = pixels[0].shape
    return Summary(
        _ABOUT.format(images=len(tested), channels=channels, side=side, top=top),
        class_summary(levels, np.concatenate(classes), tested),
        [Section("Channels", _CHANNELS.format(top=top), channel_summary(levels))],
        [f"pixels with the same level in all training images: {_constant(pixels[0]):,} of {side**2 * channels:,}"],
    )


def class_summary(levels: Levels, labels: np.ndarray, tested: np.ndarray) -> pd.DataFrame:
    """Return one row per class, and a last one of all: numbers of images, mean and standard deviation of the levels.

    ``labels: (N,)``, the names of the images' classes; ``tested: (N,)``, whether they are for testing.
    """
    names = sorted(set(labels))
    groups = {name: labels == name for name in names} if len(names) > 1 else {}
    everything = {"all": np.full(len(labels), True)}
    return pd.DataFrame([_class_row(name, levels, of, tested) for name, of in (groups | everything).items()])


def _class_row(name: str, levels: Levels, of: np.ndarray, tested: np.ndarray) -> dict[str, object]:
    return {
        "class": name,
        "training": int((of & ~tested).sum()),
        "test": int((of & tested).sum()),
        "mean": levels.mean[of].mean(),
        "sd": _deviation(levels.mean[of].mean(), levels.square[of].mean()),
    }


def channel_summary(levels: Levels) -> pd.DataFrame:
    """Return one row per channel: mean, standard deviation, that of the images' means, fractions of extreme levels."""
    mean = levels.mean.mean(0)
    return pd.DataFrame(
        {
            "channel": CHANNELS[len(mean)],
            "mean": mean,
            "sd": _deviation(mean, levels.square.mean(0)),
            "sd of means": levels.mean.std(0),
            "lowest": levels.lowest.mean(0),
            "highest": levels.highest.mean(0),
        }
    )


def _deviation(mean: np.ndarray, square: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(square - mean**2, 0))


def _constant(pixels: np.ndarray) -> int:
    """Count the pixels whose level is the same in all images ``(N, C, side, side)``."""
    return int((pixels.min(0) == pixels.max(0)).sum())
