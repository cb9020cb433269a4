"""What there is to train, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ebmbench.models.interface import Model
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.losses.interface import Loss
from ebmbench.training.moment_matching.interface import MatchingMethod
from ebmbench.training.moment_matching.none import NoMatching
from ebmbench.training.settings import TrainSettings


@dataclass(frozen=True)
class Streams:
    """Where the randomness comes from: ``batches`` (on the CPU), ``noise`` of the loss and of what matches statistics
    beside it (``matching``), ``validation`` (a seed).
    """

    batches: torch.Generator
    noise: torch.Generator
    validation: int
    matching: torch.Generator

    def go_on_from(self, other: Streams) -> None:
        """Stand where ``other`` stands."""
        for own, its in ((self.batches, other.batches), (self.noise, other.noise), (self.matching, other.matching)):
            own.set_state(its.get_state())


@dataclass(frozen=True)
class TrainingOutcome:
    """A trained model (the moving average), why training ended, the curve and the cost; what else was ``told``.

    ``selected_step``: the step after which the model was as it is here.
    """

    model: Model
    status: str
    reason: str
    curve: list[dict[str, float]]
    clock: CostTracker
    selected_step: int = 0
    told: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingJob:
    """What to train, on what and how.

    ``rows``: (train, val), ``(N, D)`` and ``(N_v, D)``; ``monitor`` maps a model to extra columns of the curve;
    ``report`` is told of each step's number, of how many there will be, and of the newest facts; ``arm``: how natural
    parameters of statistics are found, where the model has some.
    """

    model: Model
    loss: Loss
    rows: tuple[Tensor, Tensor]
    settings: TrainSettings
    streams: Streams
    monitor: Callable[[Model], dict[str, float]]
    report: Callable[[int, int, dict[str, float]], None]
    arm: MatchingMethod = field(default_factory=NoMatching)
