"""Divergence of a run. Losses are read from their device in groups, for reading each would make every step wait."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

#: absolute value of the loss from which on a run counts as diverged
EXPLODED = 1e6

#: steps after which losses are read at the latest
EVERY = 16


class Reading(NamedTuple):
    """The newest ``loss``, and ``diverged``: the first loss that ended the run and its step, or an empty text."""

    loss: float
    diverged: str


class UnreadLosses:
    """The losses of the steps since the last reading, each ``()``, on their device."""

    def __init__(self) -> None:
        self._losses: list[Tensor] = []

    def add(self, loss: Tensor) -> None:
        """Add the loss of one step."""
        self._losses.append(loss)

    def __len__(self) -> int:
        """Return the number of steps since the last reading."""
        return len(self._losses)

    def read(self) -> list[float]:
        """Return the losses as numbers, by one transfer from their device; none is left unread."""
        found = torch.stack(self._losses).tolist() if self._losses else []
        self._losses = []
        return found

    def reading(self, step: int) -> Reading:
        """Read the losses up to that of ``step``; one that is not finite or beyond 1e6 ends a run."""
        found = self.read()
        for number, loss in enumerate(found, step - len(found) + 1):
            if not abs(loss) < EXPLODED:
                return Reading(loss, f"the loss was {loss:.3g} at step {number}")
        return Reading(found[-1], "")
