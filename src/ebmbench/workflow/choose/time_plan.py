"""How much fits into a given time after a first short run: trials of settings, and longer training."""

from __future__ import annotations

import math
from typing import NamedTuple

from ebmbench.workflow.choose.grid_file import Size

#: the shortest time in which the first run ends on two cores
LEAST_MINUTES = 3.0

#: the first run: short enough for any table, long enough to be timed
FIRST = Size(steps=400, trials=1)

#: the most trials per method, and the largest multiple of the first run's steps
MOST_TRIALS, MOST_STEPS = 8, 16

#: the fewest multiples of the first run's steps beside which there is time for a search
LEAST_STEPS = 4

#: the part of the remaining time that is planned
PLANNED = 0.85


class Pilot(NamedTuple):
    """A finished first run of ``seeds`` seeds: its wall time, and the ``fraction`` of job time that trained."""

    seconds: float
    fraction: float
    seeds: int


def longer_run(pilot: Pilot, left: float) -> Size:
    """Return the size of a second run that fits into ``left`` seconds; :data:`FIRST` means that none fits.

    A trial costs what a seed of the second run does. There are as many trials as leave :data:`LEAST_STEPS` times the
    first run's steps, and with all of them as many steps as fit; too few trials are no search.
    """
    planned = PLANNED * left
    for trials in range(MOST_TRIALS, 1, -1):
        multiple = _multiple(pilot, planned / (1 + trials / pilot.seeds))
        if multiple >= LEAST_STEPS:
            return Size(FIRST.steps * multiple, trials)
    multiple = _multiple(pilot, planned)
    return Size(FIRST.steps * multiple, 1) if multiple > 1 else FIRST


def _multiple(pilot: Pilot, seconds: float) -> int:
    """Return the largest multiple m of the first run's steps that fits, at most :data:`MOST_STEPS`.

    Training grows with m and all else stays: T(m) = T (1 - f + m f).
    """
    if pilot.fraction <= 0:
        return 1
    return min(MOST_STEPS, math.floor((seconds / pilot.seconds - 1 + pilot.fraction) / pilot.fraction))
