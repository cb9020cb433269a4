"""How much fits into a given time after a first short run: trials of settings, and longer training."""

from __future__ import annotations

import math
from typing import NamedTuple

from ebmbench.workflow.choose.grid_file import Size

#: the first run: short enough for any table, long enough to be timed
FIRST = Size(steps=400, trials=1)

#: the most trials per method, and the largest multiple of the first run's steps
MOST_TRIALS, MOST_STEPS = 8, 16

#: the part of the remaining time that is planned, and the part of this for the search
PLANNED, SEARCH = 0.85, 0.35


class Pilot(NamedTuple):
    """A finished first run of ``seeds`` seeds: its wall time, and the ``fraction`` of job time that trained."""

    seconds: float
    fraction: float
    seeds: int


def longer_run(pilot: Pilot, left: float) -> Size:
    """Return the size of a second run that fits into ``left`` seconds; :data:`FIRST` means that none fits.

    A trial costs what a seed of the first run does. The search comes out of the time first, the steps have the rest;
    without room for both there is no search.
    """
    planned, trial = PLANNED * left, pilot.seconds / pilot.seeds
    trials = min(MOST_TRIALS, math.floor(SEARCH * planned / trial))
    searched = _multiple(pilot, planned - trial * trials) if trials > 1 else 1
    if searched > 1:
        return Size(FIRST.steps * searched, trials)
    plain = _multiple(pilot, planned)
    return Size(FIRST.steps * plain, 1) if plain > 1 else FIRST


def _multiple(pilot: Pilot, seconds: float) -> int:
    """Return the largest multiple m of the first run's steps that fits, at most :data:`MOST_STEPS`.

    Training grows with m and all else stays: T(m) = T (1 - f + m f).
    """
    if pilot.fraction <= 0:
        return 1
    return min(MOST_STEPS, math.floor((seconds / pilot.seconds - 1 + pilot.fraction) / pilot.fraction))
