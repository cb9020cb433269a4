"""An energy with a floor."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus


class Floored(nn.Module):
    """U(x) = softplus(V(x) + f) - softplus(f), V a network, f = ``floor`` > 0: V where that is high, above -f - e^-f.

    So exp(-U), the weight of a draw of a base measure, is about e^f at most: draws far out cannot carry all of it. The
    published code has the same floor with a corner, under which nothing is learnt (Arbel, Zhou and Gretton 2021).
    """

    def __init__(self, network: nn.Module, floor: float) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("floor", torch.tensor(floor), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, D)`` -> ``(B,)``."""
        return softplus(self.network(x) + self.floor) - softplus(self.floor)
