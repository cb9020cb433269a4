"""Base class of synthetic data sets, which draw independent samples for every seed, in native coordinates."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.data.interface import Dataset, Splits
from ebmbench.data.streams import stream


class Drawn(Dataset):
    """Synthetic data set; a concrete class has the fields ``train``, ``val`` and ``test``, the samples per seed."""

    train: PositiveInt
    val: PositiveInt
    test: PositiveInt

    #: method by which the density is computed
    density: ClassVar[str]
    #: reference for the generator
    source: ClassVar[str]

    def __post_init__(self) -> None:
        check_ranges(self)

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n, D)`` independent samples, float32."""

    def splits(self, seed: int) -> Splits:
        """Draw independent splits, the test split first, so that it does not depend on the other sizes."""
        rows = stream(self, "data", seed)
        test, val, train = (self.sample(n, rows) for n in (self.test, self.val, self.train))
        return Splits(train, val, test, log_det=0.0)

    def facts(self) -> dict[str, object]:
        """Return the facts: native coordinates, no whitening, no dequantisation, density and source."""
        return {
            "coordinates": "native",
            "whitening": "none",
            "dequantisation": "none",
            "density": self.density,
            "source": self.source,
            "sha256": None,
        }
