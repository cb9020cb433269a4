"""One training run: its parts, one update, one checkpoint, and its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ebmbench.core.state import Stateful
from ebmbench.training.budget import StepBudget
from ebmbench.training.checkpoint_steps import SPACINGS
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.curve import Curve
from ebmbench.training.job import TrainingJob
from ebmbench.training.model_selection import ModelSelection
from ebmbench.training.moving_average import MovingAverage
from ebmbench.training.schedule import Schedule
from ebmbench.training.steps.interface import TrainingStep
from ebmbench.training.validation import Validation


@dataclass(frozen=True)
class TrainingRun:
    """The parts of a run, as :func:`~ebmbench.training.factory.create_run` chooses them for a job.

    ``components``: by name, everything that changes while the model is trained.
    """

    job: TrainingJob
    step: TrainingStep
    schedule: Schedule
    budget: StepBudget
    average: MovingAverage
    validation: Validation
    selection: ModelSelection
    costs: CostTracker
    curve: Curve
    components: Mapping[str, Stateful]

    def update(self) -> Tensor:
        """Train on one new batch; return the loss, ``()``, which may still be in computation on its device."""
        costs, model = self.costs, self.job.model
        output = self.step(self._batch(), self.schedule(costs.step, self.budget.steps))
        costs.count(output)
        self.budget.update(costs, output)
        model.project()
        self.average.update(costs.step)
        return output.loss.detach()

    def at_checkpoint(self) -> bool:
        """Return True if the last step was one of the checkpoints, or the last of all."""
        settings = self.job.settings
        return self.costs.step in SPACINGS[settings.checkpoint_spacing](self.budget.steps, settings.checkpoints)

    def checkpoint(self) -> None:
        """Evaluate the moving average: a row of the curve, and model selection."""
        model = self.average.model
        validation_loss = self.validation.loss_of(model)
        self.curve.add_checkpoint(self.costs.facts(), validation_loss, self.job.monitor(model))
        self.selection.offer(model, self.costs.step, validation_loss)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the run: a dictionary of tensors, numbers and strings."""
        return {name: component.state_dict() for name, component in self.components.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from the state of another run of the same job."""
        for name, component in self.components.items():
            component.load_state_dict(state[name])

    def _batch(self) -> Tensor:
        """Draw samples of the training split with replacement, ``(N, D)``."""
        x = self.job.data[0]
        chosen = torch.randint(len(x), (self.job.settings.batch_size,), generator=self.job.streams.batches)
        return x[chosen.to(x.device)]
