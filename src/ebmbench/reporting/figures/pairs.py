"""Pairs of panels, one above the other with a common horizontal axis."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ebmbench.reporting.figures.style import WIDTH, new_figure

#: pairs side by side
ACROSS = 3

#: inches of a pair's height
HIGH = 3.9


class SeedPair(NamedTuple):
    """Two panels of a data set; ``first``: whether they are leftmost and have the labels of the axes."""

    upper: Axes
    lower: Axes
    first: bool


def pairs(count: int, below: float, title: str) -> tuple[Figure, list[SeedPair]]:
    """Create a figure of ``count`` pairs, with ``below`` inches for a legend; one empty place if ``count`` is 0."""
    across = min(ACROSS, max(1, count))
    blocks = max(1, -(-count // across))
    figure = new_figure(WIDTH, HIGH * blocks + below, title)
    grid = figure.subplots(2 * blocks, across, squeeze=False)
    found = []
    for place in range(blocks * across):
        block, column = divmod(place, across)
        upper, lower = grid[2 * block : 2 * block + 2, column]
        if place < count:
            upper.sharex(lower)
            upper.tick_params(labelbottom=False)
            found.append(SeedPair(upper, lower, column == 0))
        else:
            upper.set_axis_off()
            lower.set_axis_off()
    return figure, found
