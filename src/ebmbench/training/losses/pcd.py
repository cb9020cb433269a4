"""Persistent contrastive divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import normal_like
from ebmbench.core.ranges import Fraction, NonNegativeFloat, PositiveFloat, PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.models.interface import Model
from ebmbench.training.losses import short_chains
from ebmbench.training.losses.densities import density_of
from ebmbench.training.losses.interface import Loss, LossOutput

__all__ = ["PersistentContrastiveDivergence"]


@dataclass(frozen=True)
class PersistentContrastiveDivergence:
    """Contrastive divergence with chains that continue from step to step   (Tieleman 2008; Du & Mordatch 2019).

    A buffer of ``buffer`` chains starts from normal noise with the mean and standard deviation of the training
    examples. Each step takes as many chains as the batch has examples, restarts each with probability ``restart``,
    moves them by ``k`` Langevin steps (variance ``step``; ``adjusted``: MALA) and puts them back. Loss and cost are
    those of contrastive divergence. Without a buffer (on validation examples), chains start at the examples.
    """

    k: PositiveInt = 10
    step: PositiveFloat = 0.01
    penalty: NonNegativeFloat = 0.0
    adjusted: bool = False
    buffer: PositiveInt = 10_000
    restart: Fraction = 0.05
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)`` with chains that start there.

        Raises :class:`UserError` without a density.
        """
        density = density_of(model)
        ends = short_chains.run(density, x, self.k, self.step, self.adjusted, generator)
        return short_chains.contrast(density, x, ends, self.penalty)

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """Return this loss with its buffer, for one training run on ``train: (N, D)``."""
        return _WithBuffer(self, train, generator)


class _WithBuffer(NamedState):
    """The loss together with its chains, ``chains: (buffer, D)``."""

    state_names: ClassVar = ("chains",)
    comparable: ClassVar[bool] = PersistentContrastiveDivergence.comparable

    def __init__(self, settings: PersistentContrastiveDivergence, train: Tensor, generator: torch.Generator) -> None:
        self.settings = settings
        self.mean, self.sd = train.mean(0), train.std(0)
        self.chains = self._noise(settings.buffer, generator)

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute the loss on ``x: (N, D)`` with N chains of the buffer, and advance them."""
        density = density_of(model)
        settings, count = self.settings, min(len(x), self.settings.buffer)
        chosen = torch.randperm(settings.buffer, generator=generator, device=x.device)[:count]
        anew = torch.rand(count, 1, generator=generator, device=x.device) < settings.restart
        start = torch.where(anew, self._noise(count, generator), self.chains[chosen])
        ends = short_chains.run(density, start, settings.k, settings.step, settings.adjusted, generator)
        self.chains[chosen] = ends.x
        return short_chains.contrast(density, x, ends, settings.penalty)

    def _noise(self, n: int, generator: torch.Generator) -> Tensor:
        return self.mean + self.sd * normal_like(self.mean.expand(n, -1), generator)
