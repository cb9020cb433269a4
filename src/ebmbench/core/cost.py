"""Computational cost, counted in evaluations of the energy and of its gradient."""

from __future__ import annotations

from typing import NamedTuple


class Cost(NamedTuple):
    """Numbers of points at which the energy, and its gradient in x, was evaluated."""

    energy_evaluations: int = 0
    gradient_evaluations: int = 0

    def times(self, factor: int) -> Cost:
        """Return the cost of ``factor`` such steps."""
        return Cost(self.energy_evaluations * factor, self.gradient_evaluations * factor)

    def plus(self, other: Cost) -> Cost:
        """Return the sum of both costs."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))
