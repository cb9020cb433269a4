"""A panel a data set of one quantity in the course of training, with one legend."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from ebmbench.reporting.figures.courses import CostAxis, Trace, draw_courses, head, legend, legend_height, seen
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.style import WIDTH, looks, new_figure

#: panels side by side
ACROSS = 3


class Quantity(NamedTuple):
    """What the vertical axis shows: a column of :func:`course`, with unit and direction."""

    column: str
    label: str


def course_panels(inputs: Inputs, drawn: pd.DataFrame, cost: CostAxis, quantity: Quantity, title: str) -> Figure:
    """``quantity`` against ``cost``, both logarithmic: one panel a data set of ``drawn``, one curve a method.

    A curve is dotted where not all seeds whose status is ok were still training. A method whose cost is 0 is a line
    across the panel. Values below :data:`ebmbench.reporting.figures.courses.LEAST` are not drawn.
    """
    datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
    styles = looks(inputs.methods())
    shown = seen(styles, drawn, quantity.column)
    across = min(ACROSS, max(1, len(datasets)))
    down = max(1, -(-len(datasets) // across))
    figure = new_figure(WIDTH, 2.1 * down + 0.2 + legend_height(shown), title)
    grid = figure.subplots(down, across, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place < len(datasets):
            rows = drawn[drawn["dataset"] == datasets[place]]
            draw_courses(axes, rows, [Trace(quantity.column)], styles)
            head(axes, rows, datasets[place])
            axes.set_xlabel(cost.label if place + across >= len(datasets) else "")
        else:
            axes.set_axis_off()
    figure.supylabel(quantity.label, fontsize=8)
    legend(figure, shown)
    return figure
