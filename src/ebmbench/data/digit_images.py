"""Handwritten digits of 8 x 8 pixels, as images."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ebmbench.data.digits import ORIGIN, load
from ebmbench.data.images import Images, Pictures, Published
from ebmbench.data.streams import stream

__all__ = ["DigitImages"]

#: share of the images that is for testing
TESTED = 0.2


@dataclass(frozen=True)
class DigitImages(Images):
    """The 1,797 images of ``digits`` with levels 0 to 16, a fifth of them for testing, the same for every seed."""

    rows: int | None = None
    without: int | None = None

    dim = 64
    channels = 1
    side = 8
    top = 16

    def published(self) -> Published:
        """scikit-learn's copy, divided at random."""
        levels, labels = load()
        everything = Pictures(levels.to(torch.uint8).reshape(-1, 1, 8, 8), labels)
        places = torch.randperm(len(labels), generator=stream(self, "test"))
        tested = int(TESTED * len(labels))
        return Published(everything.of(places[tested:]), everything.of(places[:tested]))

    def origin(self) -> dict[str, object]:
        """As of ``digits``."""
        return {**ORIGIN, "published split": "none; a fifth was drawn for testing, once for all seeds"}
