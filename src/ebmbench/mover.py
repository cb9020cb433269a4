"""What moves parameters down a loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Mover:
    """Adam on some of the parameters: its ``rate``, beta_1 and decay of weights, and a bound on the gradient's norm."""

    def __init__(
        self, parameters: list[nn.Parameter], rate: float, momentum: float, decay: float, clip: float | None
    ) -> None:
        self.parameters, self.rate, self.clip = parameters, rate, clip
        # there are none where a model is its statistics alone and these are found otherwise
        moved = parameters or [nn.Parameter(torch.zeros(1))]
        self.optimiser = torch.optim.Adam(moved, lr=rate, betas=(momentum, 0.999), weight_decay=decay, fused=True)

    def move(self, loss: Tensor, share: float) -> None:
        """Down the gradient of ``loss``, with ``share`` of the learning rate."""
        self.optimiser.param_groups[0]["lr"] = self.rate * share
        self.optimiser.zero_grad()
        loss.backward()
        if self.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimiser.step()
