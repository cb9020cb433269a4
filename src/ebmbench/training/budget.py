"""Number of steps of a training run: fixed, or as many as a budget of evaluations pays for."""

from __future__ import annotations

from typing import ClassVar, Protocol

from ebmbench.core.state import NamedState, Stateful
from ebmbench.training.cost_tracker import CostTracker
from ebmbench.training.losses.interface import LossOutput


class StepBudget(Stateful, Protocol):
    """Number of steps, ``steps``."""

    steps: int

    def update(self, costs: CostTracker, last: LossOutput) -> None:
        """Revise the number after a step with the cost of ``last``; ``costs`` are those so far, ``last`` included."""
        ...


class FixedSteps(NamedState):
    """A number of steps that the settings choose."""

    state_names: ClassVar = ("steps",)

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def update(self, costs: CostTracker, last: LossOutput) -> None:
        """Do nothing."""


class EvaluationBudget(NamedState):
    """As many steps as ``evaluations`` energies and gradients in x pay for, at the cost of the second step.

    The first step may include the preparation of a loss. ``steps``: the number before the first step is known.
    """

    state_names: ClassVar = ("steps",)

    def __init__(self, evaluations: int, steps: int) -> None:
        self.evaluations, self.steps = evaluations, steps

    def update(self, costs: CostTracker, last: LossOutput) -> None:
        """Set the number of steps after each of the first two."""
        if costs.step > 2:
            return
        spent = costs.energy_evaluations + costs.gradient_evaluations
        left = max(0, self.evaluations - spent)
        self.steps = costs.step + left // (last.energy_evaluations + last.gradient_evaluations)


def step_budget(steps: int, evaluations: int | None) -> StepBudget:
    """Return the budget of ``evaluations`` if there is one, else ``steps``."""
    return FixedSteps(steps) if evaluations is None else EvaluationBudget(evaluations, steps)
