"""Handwritten digits of 8 x 8 pixels as images, without dequantisation or whitening."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.data.digits import ORIGIN, load
from ebmbench.data.images import Digit, Images, Pictures, Published, Subset
from ebmbench.data.streams import stream

__all__ = ["DigitImages"]

#: fraction of the images that is used for testing
TESTED = 0.2


@dataclass(frozen=True)
class DigitImages(Images):
    """The 1,797 images of ``digits`` with levels 0 to 16; one fifth, the same for every seed, is used for testing."""

    rows: Subset | None = None
    without: Digit | None = None

    dim = 64
    top = 16

    def published(self) -> Published:
        """Load scikit-learn's copy and split it at random into training and test images."""
        levels, labels = load()
        everything = Pictures(levels.to(torch.uint8).reshape(-1, 1, 8, 8), labels)
        places = torch.randperm(len(labels), generator=stream(self, "test"))
        tested = int(TESTED * len(labels))
        return Published(everything.of(places[tested:]), everything.of(places[:tested]))

    def origin(self) -> dict[str, object]:
        """Return the facts of ``digits`` and the split."""
        return {**ORIGIN, "published split": "none; one random fifth of the images is the test set of every seed"}
