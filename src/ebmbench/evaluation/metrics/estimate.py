"""The return type of every metric."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A number with its error.

    ``stderr`` is the Monte-Carlo or discretisation error of this estimate (never the spread over seeds),
    ``n`` the number of points it rests on.
    """

    value: float
    stderr: float
    n: int
