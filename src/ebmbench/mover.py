"""What moves parameters down a loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Mover:
    """Adam on some of the parameters: its ``rate``, beta_1 and decay of weights, and a bound on the gradient's norm.

    There may be none, where a model is its statistics alone and these are found otherwise.
    """

    def __init__(
        self, parameters: list[nn.Parameter], rate: float, momentum: float, decay: float, clip: float | None
    ) -> None:
        self.parameters, self.rate, self.clip = parameters, rate, clip
        options = {"lr": rate, "betas": (momentum, 0.999), "weight_decay": decay, "fused": True}
        self.optimiser = torch.optim.Adam(parameters, **options) if parameters else None

    def move(self, loss: Tensor, share: float) -> None:
        """Down the gradient of ``loss``, with ``share`` of the learning rate."""
        if self.optimiser is None:
            return
        self.optimiser.param_groups[0]["lr"] = self.rate * share
        self.optimiser.zero_grad()
        # of these alone: a penalty on slopes has paths to points and to a base that stands still, too
        loss.backward(inputs=self.parameters)
        if self.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimiser.step()
