"""Draws of a base measure that are made once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ebmbench.models.interface import Normalised, Sampleable


class Pool:
    """``x: (P, D)``, draws of a base measure that stands still, and ``log_b: (P,)`` where it has a density."""

    def __init__(self, base: Sampleable, size: int, generator: torch.Generator) -> None:
        self.log_b: Tensor | None = None
        if isinstance(base, Normalised):
            self.x, self.log_b = base.sample_and_log_prob(size, generator)
        else:
            self.x = base.sample(size, generator)

    def __deepcopy__(self, memo: dict[int, Any]) -> Pool:
        # it never changes, and copies of a model are many
        return self

    def places(self, n: int, generator: torch.Generator) -> Tensor:
        """``(n,)`` indices of draws, with replacement."""
        return torch.randint(len(self.x), (n,), generator=generator, device=self.x.device)
