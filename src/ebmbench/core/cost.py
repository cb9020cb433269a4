"""What was spent, in evaluations."""

from __future__ import annotations

from typing import NamedTuple


class Cost(NamedTuple):
    """Points at which the energy, and its gradient in x, was evaluated."""

    energy_evaluations: int = 0
    gradient_evaluations: int = 0

    def times(self, factor: int) -> Cost:
        """The cost of ``factor`` such steps."""
        return Cost(self.energy_evaluations * factor, self.gradient_evaluations * factor)

    def plus(self, other: Cost) -> Cost:
        """The cost of both."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))
