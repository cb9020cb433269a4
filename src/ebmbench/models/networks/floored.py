"""An energy bounded below by a smooth floor."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus


class Floored(nn.Module):
    """A network V with a soft floor: U(x) = softplus(V(x) + f) - softplus(f), f = ``floor`` > 0.

    U is about V where V is high, and above -f - e^-f everywhere. So exp(-U), the weight of a base sample, is at most
    about e^f: outliers cannot carry all of the weight. The published code has a hard floor, below which nothing is
    learnt (Arbel, Zhou and Gretton 2021).
    """

    floor: Tensor

    def __init__(self, network: nn.Module, floor: float) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("floor", torch.tensor(floor), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return U(x), ``(B, D)`` -> ``(B,)``."""
        return softplus(self.network(x) + self.floor) - softplus(self.floor)
