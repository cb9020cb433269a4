"""What moves parameters down a loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim.adam import adam


class Optimizer:
    """Adam on some of the parameters: its ``rate``, beta_1 and decay of weights, and a bound on the gradient's norm.

    There may be no parameter, where a model is its statistics alone and these are found otherwise. One that a loss does
    not reach stays, and so do its moments.
    """

    def __init__(
        self, parameters: list[nn.Parameter], rate: float, momentum: float, decay: float, clip: float | None
    ) -> None:
        self.parameters, self.rate, self.clip = parameters, rate, clip
        self.momentum, self.decay = momentum, decay
        zeros = [torch.zeros_like(parameter) for parameter in parameters]
        steps = [torch.zeros((), device=parameter.device) for parameter in parameters]
        self.moments = list(zip(zeros, [zero.clone() for zero in zeros], steps, strict=True))

    def move(self, loss: Tensor, share: float) -> None:
        """Down the gradient of ``loss``, with ``share`` of the learning rate."""
        if not self.parameters:
            return
        # with respect to these alone: a penalty on slopes has paths to points and to a base that stands still, too
        slopes = torch.autograd.grad(loss, self.parameters, allow_unused=True)
        reached = [place for place, slope in enumerate(slopes) if slope is not None]
        if not reached:
            return
        gradients = [slopes[place] for place in reached]
        if self.clip is not None:
            norm = torch.nn.utils.get_total_norm(gradients)
            torch._foreach_mul_(gradients, (self.clip / (norm + 1e-6)).clamp(max=1.0))
        self._step([self.parameters[place] for place in reached], gradients, [self.moments[k] for k in reached], share)

    @torch.no_grad()
    def _step(
        self,
        parameters: list[nn.Parameter],
        gradients: list[Tensor],
        moments: list[tuple[Tensor, Tensor, Tensor]],
        share: float,
    ) -> None:
        """One step of Adam: by its function, for its class imports torch's compiler, two seconds a job."""
        first, second, steps = map(list, zip(*moments, strict=True))
        adam(
            *(parameters, gradients, first, second, [], steps),
            fused=True,
            amsgrad=False,
            beta1=self.momentum,
            beta2=0.999,
            lr=self.rate * share,
            weight_decay=self.decay,
            eps=1e-8,
            maximize=False,
        )
