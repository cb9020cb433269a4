"""Persistent contrastive divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.models.interface import Density
from ebmbench.training.losses import short_chains
from ebmbench.training.losses.interface import Loss, LossOutput

__all__ = ["PersistentContrastiveDivergence"]


@dataclass(frozen=True)
class PersistentContrastiveDivergence:
    """Contrastive divergence whose chains go on from where they stopped   (Tieleman 2008; Du & Mordatch 2019).

    A buffer of ``buffer`` chains starts as standard normal noise around the train rows' mean, with their
    standard deviation; each step moves as many of them as there are rows by ``k`` Langevin steps (variance
    ``step``; ``adjusted``: MALA) and puts them back, each begun anew with probability ``restart``. Loss and cost
    as in contrastive divergence. Evaluated without a buffer (on validation rows), chains start at the rows.
    """

    k: int = 10
    step: float = 0.01
    penalty: float = 0.0
    adjusted: bool = False
    buffer: int = 10_000
    restart: float = 0.05
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.k < 1 or self.step <= 0 or self.penalty < 0 or self.buffer < 1 or not 0 <= self.restart <= 1:
            raise ValueError("k and buffer must be 1 or more, step above 0, penalty 0 or more, restart in [0, 1]")

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> LossOutput:
        """The contrast of ``x: (N, D)`` with the ends of chains that start there."""
        ends = short_chains.run(model, x, self.k, self.step, self.adjusted, generator)
        return short_chains.contrast(model, x, ends, self.penalty)

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """This loss with its buffer, for one training run on ``train: (N, D)``."""
        return _WithBuffer(self, train, generator)


class _WithBuffer:
    """The loss and its chains: ``chains: (buffer, D)``."""

    def __init__(self, settings: PersistentContrastiveDivergence, train: Tensor, generator: torch.Generator) -> None:
        self.comparable = settings.comparable
        self.settings = settings
        self.mean, self.sd = train.mean(0), train.std(0)
        self.chains = self._noise(settings.buffer, generator)

    def __call__(self, model: Density, x: Tensor, generator: torch.Generator) -> LossOutput:
        """The contrast of ``x: (N, D)`` with the ends of N chains of the buffer."""
        settings, count = self.settings, min(len(x), self.settings.buffer)
        chosen = torch.randperm(settings.buffer, generator=generator, device=x.device)[:count]
        anew = torch.rand(count, 1, generator=generator, device=x.device) < settings.restart
        start = torch.where(anew, self._noise(count, generator), self.chains[chosen])
        ends = short_chains.run(model, start, settings.k, settings.step, settings.adjusted, generator)
        self.chains[chosen] = ends.x
        return short_chains.contrast(model, x, ends, settings.penalty)

    def _noise(self, n: int, generator: torch.Generator) -> Tensor:
        return self.mean + self.sd * normal_like(self.mean.expand(n, -1), generator)
