"""The statistics of a data set, computed once if they fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ebmbench.models.blocks import at_once

#: largest count of numbers to keep in memory, 128 MiB; larger sets are computed again at every pass
HELD = 2**24

#: T: ``(n, D)`` -> ``(n, K)``
Values = Callable[[Tensor], Tensor]


class StatisticRows:
    """T of ``rows: (n, D)`` in float64, because its means must be accurate to far below 1/sqrt(n)."""

    def __init__(self, values: Values, rows: Tensor) -> None:
        self._values, self._rows = values, rows
        self._held: list[Tensor] = []

    def __len__(self) -> int:
        return len(self._rows)

    def blocks(self) -> Iterator[Tensor]:
        """Iterate over blocks of T, ``(n_b, K)``, in the order of the rows."""
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
        """Return T of all rows, ``(n, K)``."""
        return torch.cat(list(self.blocks()))
