"""Persistent contrastive divergence by ebmkit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ebmbench.core.randomness import seeded
from ebmbench.core.ranges import Fraction, PositiveFloat, PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.models.peers import CountedEnergy, package
from ebmbench.training.losses.interface import Loss
from ebmbench.training.losses.peer_loss import PeerLoss

__all__ = ["EbmkitPersistentContrastiveDivergence"]


@dataclass(frozen=True)
class EbmkitPersistentContrastiveDivergence(PeerLoss):
    """L = 1/N sum_i U(x_i) - 1/N sum_i U(z_i), z_i from ``ebm.ReplayBuffer`` of the package ebmkit   (Tieleman 2008).

    ``buffer`` chains start from N(0, I); each is restarted with probability ``restart``. ``steps`` and ``step_size``
    are as in ``ebmkit_cd``. Without a buffer (on validation examples), chains start at the examples.
    """

    steps: PositiveInt = 10
    step_size: PositiveFloat = 0.005
    buffer: PositiveInt = 10_000
    restart: Fraction = 0.05
    comparable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)`` with chains that start there."""
        return self.contrast(energy, x, _Rows(x))

    def contrast(self, energy: CountedEnergy, x: Tensor, chains: object) -> Tensor:
        """Compute the package's loss on ``x: (N, D)`` with ``chains`` in place of its buffer."""
        ebm = package("ebmkit", "ebm")
        sampler = ebm.LangevinDynamics(step_size=self.step_size, steps=self.steps)
        return ebm.ContrastiveDivergence(sampler, buffer=chains)(energy, x).loss

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """Return this loss with its buffer, for one training run on ``train: (N, D)``."""
        with seeded(generator):
            chains = package("ebmkit", "ebm").ReplayBuffer(self.buffer, tuple(train.shape[1:]), self.restart)
        return _WithBuffer(self, chains)


class _WithBuffer(NamedState, PeerLoss):
    """The loss together with its chains."""

    state_names: ClassVar = ("chains",)
    comparable: ClassVar[bool] = EbmkitPersistentContrastiveDivergence.comparable

    def __init__(self, settings: EbmkitPersistentContrastiveDivergence, chains: object) -> None:
        self.settings, self.chains = settings, chains

    def evaluate(self, energy: CountedEnergy, x: Tensor) -> Tensor:
        """Compute the package's loss on ``x: (N, D)`` and advance the chains."""
        return self.settings.contrast(energy, x, self.chains)


class _Rows:
    """Stand-in for a buffer: chains start at fixed examples and are not stored."""

    def __init__(self, x: Tensor) -> None:
        self.x = x

    def sample(self, batch_size: int, device: torch.device) -> Tensor:
        return self.x

    def push(self, x: Tensor) -> None:
        pass
