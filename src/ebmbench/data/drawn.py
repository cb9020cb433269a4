"""What data sets that can be drawn at will share: rows of their own for every seed, in native coordinates."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.streams import stream


class Drawn(Dataset):
    """A concrete class has the fields ``train``, ``val`` and ``test``, the rows a seed."""

    train: int
    val: int
    test: int

    #: how the density is computed
    density: ClassVar[str]
    #: where the generator was taken from
    source: ClassVar[str]

    def __post_init__(self) -> None:
        for split in ("train", "val", "test"):
            if getattr(self, split) < 1:
                raise ValueError(f"{split} = {getattr(self, split)}; at least 1 row is needed")

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """``(n, D)`` independent draws, float32."""

    def splits(self, seed: int) -> Splits:
        """Independent draws; test rows come first, so that they do not depend on the other sizes."""
        rows = stream(self, "data", seed)
        test, val, train = (self.sample(n, rows) for n in (self.test, self.val, self.train))
        return Splits(train, val, test, log_det=0.0)

    def facts(self) -> dict[str, object]:
        """Native coordinates, nothing whitened or dequantised."""
        return {
            "coordinates": "native",
            "whitening": "none",
            "dequantisation": "none",
            "density": self.density,
            "source": self.source,
            "sha256": None,
        }
