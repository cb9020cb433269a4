"""The steps of a training run after which its model is evaluated, by the setting ``checkpoint_spacing``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

#: the first of several geometric checkpoints comes after this fraction of the steps
FIRST = 1 / 200

#: (steps of the run, number of checkpoints) -> the steps after which there is one, the last included
Spacing = Callable[[int, int], frozenset[int]]


@lru_cache
def even(steps: int, count: int) -> frozenset[int]:
    """Return the multiples of ``steps // count``: one more than ``count``, or a few, where it leaves a remainder."""
    every = max(1, steps // count)
    return frozenset({*range(every, steps + 1, every), steps})


@lru_cache
def geometric(steps: int, count: int) -> frozenset[int]:
    """Return ``count`` steps with a constant ratio from ``FIRST * steps`` to ``steps``, fewer where they coincide.

    A model that overfits early is found in a long run as well as in a short one.
    """
    first = max(1.0, FIRST * steps)
    return frozenset({steps, *(round(first * (steps / first) ** (k / (count - 1))) for k in range(count - 1))})


#: by name, what the setting may be
SPACINGS: Mapping[str, Spacing] = {"even": even, "geometric": geometric}
