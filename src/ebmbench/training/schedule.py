"""Learning-rate schedules: fraction of the learning rate as a function of the step."""

from __future__ import annotations

import math
from collections.abc import Callable

#: (steps taken, steps in total) -> fraction of the learning rate
Schedule = Callable[[int, int], float]


def cosine(step: int, steps: int) -> float:
    """Return (1 + cos(pi step / steps)) / 2, which falls from 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


def constant(step: int, steps: int) -> float:
    """Return 1 at every step."""
    return 1.0
