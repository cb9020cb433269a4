"""A pool of stored samples from a base measure."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from ebmbench.core.state import NamedState
from ebmbench.models.interface import Normalised, Sampleable


class Pool(NamedState):
    """``x: (P, D)``, samples from a frozen base measure, and ``log_b: (P,)``, their log-density if the base has one."""

    state_names: ClassVar = ("x", "log_b")

    def __init__(self, base: Sampleable, size: int, generator: torch.Generator) -> None:
        self.log_b: Tensor | None = None
        if isinstance(base, Normalised):
            self.x, self.log_b = base.sample_and_log_prob(size, generator)
        else:
            self.x = base.sample(size, generator)

    def __deepcopy__(self, memo: dict[int, Any]) -> Pool:
        # the pool never changes, and models are copied often
        return self

    def places(self, n: int, generator: torch.Generator) -> Tensor:
        """Return ``(n,)`` random indices of samples, with replacement."""
        return torch.randint(len(self.x), (n,), generator=generator, device=self.x.device)
