"""The statistics of rows, computed once where they are few enough to be held."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ebmbench.models.blocks import at_once

#: numbers of a set of rows that are held, 128 MiB; more are computed again at every look
HELD = 2**24

#: T: ``(n, D)`` -> ``(n, K)``
Values = Callable[[Tensor], Tensor]


class StatisticRows:
    """T of ``rows: (n, D)``, float64: means of it must be good to far below 1/sqrt(n)."""

    def __init__(self, values: Values, rows: Tensor) -> None:
        self._values, self._rows = values, rows
        self._held: list[Tensor] = []

    def __len__(self) -> int:
        return len(self._rows)

    def blocks(self) -> Iterator[Tensor]:
        """T of some rows at a time, ``(n_b, K)``, in their order."""
        if self._held:
            yield from self._held
            return
        blocks = []
        for block in self._rows.split(at_once(self._rows)):
            blocks.append(self._values(block.double()).detach().double())
            yield blocks[-1]
            if blocks[0].shape[1] * len(self) > HELD:
                blocks = blocks[:1]
        if blocks[0].shape[1] * len(self) <= HELD:
            self._held = blocks

    def all(self) -> Tensor:
        """``(n, K)``."""
        return torch.cat(list(self.blocks()))
