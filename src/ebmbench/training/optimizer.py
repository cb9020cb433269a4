"""Adam with gradient clipping and weight decay."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from ebmbench.core.state import NamedState


class Optimizer(NamedState):
    """Adam on a list of parameters, with an optional bound ``clip`` on the gradient's norm.

    The list may be empty. A parameter that a loss does not depend on keeps its value and its moments.
    ``exp_avg`` and ``exp_avg_sq``: first and second moments; ``steps``: numbers of updates; one entry per parameter.
    """

    state_names: ClassVar = ("exp_avg", "exp_avg_sq", "steps")

    def __init__(
        self,
        parameters: list[nn.Parameter],
        learning_rate: float,
        beta1: float,
        weight_decay: float,
        clip: float | None,
    ) -> None:
        self.parameters, self.learning_rate, self.clip = parameters, learning_rate, clip
        self.beta1, self.weight_decay = beta1, weight_decay
        self.exp_avg = [torch.zeros_like(parameter) for parameter in parameters]
        self.exp_avg_sq = [torch.zeros_like(parameter) for parameter in parameters]
        self.steps = [torch.zeros((), device=parameter.device) for parameter in parameters]

    def step(self, loss: Tensor, lr_factor: float) -> None:
        """Take one step down the gradient of ``loss: ()`` with ``lr_factor`` times the learning rate."""
        if not self.parameters:
            return
        # only with respect to these: a gradient penalty also depends on points and on a frozen base
        gradients = torch.autograd.grad(loss, self.parameters, allow_unused=True)
        reached = [place for place, gradient in enumerate(gradients) if gradient is not None]
        if not reached:
            return
        found = [gradients[place] for place in reached]
        if self.clip is not None:
            norm = torch.nn.utils.get_total_norm(found)
            torch._foreach_mul_(found, (self.clip / (norm + 1e-6)).clamp(max=1.0))
        self._adam(reached, found, lr_factor)

    @torch.no_grad()
    def _adam(self, reached: list[int], gradients: list[Tensor], lr_factor: float) -> None:
        """Update the parameters at the places ``reached``.

        By torch's function: the first instance of the class ``torch.optim.Adam`` imports torch's compiler, seconds per
        process.
        """
        adam(
            [self.parameters[place] for place in reached],
            gradients,
            [self.exp_avg[place] for place in reached],
            [self.exp_avg_sq[place] for place in reached],
            [],
            [self.steps[place] for place in reached],
            fused=True,
            amsgrad=False,
            beta1=self.beta1,
            beta2=0.999,
            lr=self.learning_rate * lr_factor,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )
