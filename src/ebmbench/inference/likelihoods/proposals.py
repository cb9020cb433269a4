"""Normalised proposals for importance sampling: mixtures and fitted flows."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ebmbench.data.interface import Splits
from ebmbench.models.distributions.zuko_flow import ZukoFlow
from ebmbench.models.families.flow import Flow
from ebmbench.models.interface import Normalised, TrainingData
from ebmbench.models.statistics.none import NoStatistic

#: batch size and learning rate of the fit
BATCH, LEARNING_RATE = 256, 3e-3


class ProposalMixture(Normalised):
    """Mixture of two proposals, q(x) = a q_1(x) + (1 - a) q_2(x) with a = ``share``."""

    def __init__(self, first: Normalised, second: Normalised, share: float) -> None:
        super().__init__()
        self.dim = first.dim
        self.first, self.second, self.share = first, second, share

    def log_density(self, x: Tensor) -> Tensor:
        """Compute log q, ``(B, D)`` -> ``(B,)``."""
        one = self.first.log_density(x) + math.log(self.share)
        return torch.logaddexp(one, self.second.log_density(x) + math.log1p(-self.share))

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw ``(n, D)`` samples in random order."""
        first = torch.rand(n, generator=generator, device=generator.device) < self.share
        x = self.second.sample(n, generator)
        x[first] = self.first.sample(int(first.sum()), generator).to(x.dtype)
        return x


def fitted_flow(train: Tensor, steps: int, generator: torch.Generator) -> ZukoFlow:
    """Fit a neural spline flow of the default size to ``train: (N, D)`` by maximum likelihood (Adam)."""
    data = TrainingData(None, Splits(train, train, train, 0.0))
    flow = Flow().build(data, NoStatistic(), generator)
    optimiser = torch.optim.Adam(flow.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = torch.randint(len(train), (BATCH,), generator=generator, device=train.device)
        loss = -flow.log_density(train[chosen]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return flow.eval().requires_grad_(False)
