"""A training job and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """Random streams of a job.

    ``batches`` (on the CPU), ``noise`` of the loss, ``validation`` (a seed), ``matching``: of moment matching.
    """

    batches: torch.Generator
    noise: torch.Generator
    validation: int
    matching: torch.Generator

    def state_dict(self) -> dict[str, Tensor]:
        """Return the states of the generators, as byte tensors."""
        return {name: stream.get_state() for name, stream in self._generators().items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Set the generators to a saved state."""
        for name, stream in self._generators().items():
            stream.set_state(state[name])

    def _generators(self) -> dict[str, torch.Generator]:
        return {"batches": self.batches, "noise": self.noise, "matching": self.matching}


@dataclass(frozen=True)
class TrainingOutcome:
    """A trained model (the moving average), its ``status`` and the ``reason`` for it, the curve and the costs.

    ``selected_step``: the step after which the model was as it is here; ``extra_facts``: further entries of run.json.
    """

    model: Model
    status: str
    reason: str
    curve: list[dict[str, float]]
    costs: CostTracker
    selected_step: int = 0
    extra_facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingJob:
    """A model to train, with its loss, data, settings and random streams.

    ``data``: (train, val), ``(N, D)`` and ``(N_v, D)``; ``monitor`` maps a model to further columns of the curve;
    ``report`` is called after each step with its number, the total number of steps and the newest loss that was read;
    ``matching_method`` finds the natural parameters of statistics, if the model has any.
    """

    model: Model
    loss: Loss
    data: tuple[Tensor, Tensor]
    settings: TrainSettings
    streams: Streams
    monitor: Callable[[Model], dict[str, float]]
    report: Callable[[int, int, dict[str, float]], None]
    matching_method: MatchingMethod = field(default_factory=NoMatching)
