"""KALE in the Fenchel form, with the log-partition function as a separate variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ebmbench.core.errors import allowed_names
from ebmbench.core.ranges import PositiveInt, check_ranges
from ebmbench.core.state import NamedState
from ebmbench.models.interface import Model
from ebmbench.training.losses.base_samples import energies, with_base
from ebmbench.training.losses.interface import BaseRelativeLoss, Loss, LossOutput
from ebmbench.training.losses.kale import donsker_varadhan, fenchel, log_partition, log_partition_logs

__all__ = ["KALEFenchel"]

#: number of batches of base samples from which the initial c is estimated
FIRST = 100

#: weight of the old value in the moving average of the batches' log-partition
DECAY = 0.99


def _raw(data: Tensor, base: Tensor, c: nn.Parameter) -> Tensor:
    return -fenchel(data, base, c)


def _preconditioned(data: Tensor, base: Tensor, c: nn.Parameter) -> Tensor:
    slope = (c - log_partition(base)).detach().exp() - 1
    return -fenchel(data, base, c.detach()) + slope * (c - c.detach())


def _averaged(data: Tensor, base: Tensor, c: nn.Parameter) -> Tensor:
    c.data.lerp_(log_partition(base).detach(), 1 - DECAY)
    return -fenchel(data, base, c.detach())


def _of_batch(data: Tensor, base: Tensor, c: nn.Parameter) -> Tensor:
    c.data.copy_(log_partition(base).detach())
    return -fenchel(data, base, c.detach())


#: update rules of c; each returns the loss, which has a gradient in c only if the optimiser updates c
UPDATES: dict[str, Callable[[Tensor, Tensor, nn.Parameter], Tensor]] = {
    "raw": _raw,
    "preconditioned": _preconditioned,
    "ema": _averaged,
    "batch": _of_batch,
}


@dataclass(frozen=True)
class KALEFenchel(BaseRelativeLoss):
    """L = 1/N sum_i (E(x_i) + c) + 1/M sum_j exp(-(E(y_j) + c)) - 1 with M = nu N samples y from the base measure b
    (Arbel, Zhou and Gretton 2021).

    -L is unbiased for a lower bound of KL(data || b), largest at c = log E_b exp(-E). c starts at its estimate from 100
    batches of base samples; ``update`` selects how it changes: ``raw``, by the optimiser along its own gradient
    1 - exp(A_M - c); ``preconditioned``, along exp(c - A_M) - 1 as in the authors' code, whose fixed point
    -log E exp(-A_M) is below the truth at finite M; ``ema``, as the moving average of the batches' A_M; ``batch``, as
    A_M itself, which gives the gradient of ``kale_dv``. Without state (on validation examples), c is A_M. Cost: N (1 +
    nu) energies.
    """

    nu: PositiveInt = 8
    update: str = "raw"
    comparable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.update not in UPDATES:
            raise ValueError(f"update = {self.update!r}; {allowed_names(self.update, UPDATES)}")

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute minus the bound on ``x: (N, D)`` at c = A_M, in nats.

        Raises :class:`UserError` without a base measure.
        """
        data, base = energies("kale_f", model, x, self.nu * len(x), generator)
        return LossOutput(-donsker_varadhan(data, base), {}, len(data) + len(base))

    def with_state(self, train: Tensor, generator: torch.Generator) -> Loss:
        """Return this loss with its variable c, for one training run on ``train: (N, D)``."""
        return WithPartition(self, train)


class WithPartition(NamedState):
    """The loss together with c, ``log_partition: ()``, which is 0 before the first call."""

    state_names: ClassVar = ("log_partition", "started")
    comparable: ClassVar[bool] = KALEFenchel.comparable

    def __init__(self, settings: KALEFenchel, train: Tensor) -> None:
        self.settings = settings
        self.log_partition = nn.Parameter(torch.zeros((), dtype=train.dtype, device=train.device))
        self.started = False

    def parameters(self) -> list[nn.Parameter]:
        """Return c, which the optimiser updates in addition to the model."""
        return [self.log_partition]

    def __call__(self, model: Model, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Compute minus the bound on ``x: (N, D)`` at c, in nats."""
        settings, refined, cost = self.settings, with_base("kale_f", model), 0
        if not self.started:
            self._start(refined, x, generator)
            self.started, cost = True, FIRST * (1 + settings.nu * len(x))
        data, base = energies("kale_f", refined, x, settings.nu * len(x), generator)
        loss = UPDATES[settings.update](data, base, self.log_partition)
        return LossOutput(loss, log_partition_logs(refined, self.log_partition), len(data) + len(base) + cost)

    @torch.no_grad()
    def _start(self, model: Model, x: Tensor, generator: torch.Generator) -> None:
        """Initialise c from base samples in batches: all at once would take a hundred times the memory."""
        batches = [energies("kale_f", model, x[:1], self.settings.nu * len(x), generator)[1] for _ in range(FIRST)]
        self.log_partition.copy_(log_partition(torch.cat(batches)))
