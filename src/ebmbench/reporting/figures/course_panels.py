"""Panels of one quantity during training, one per data set, with a common legend."""

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
    """Quantity on the vertical axis: a column of :func:`course`, and a label with unit and direction."""

    column: str
    label: str


def course_panels(inputs: Inputs, drawn: pd.DataFrame, cost: CostAxis, quantity: Quantity, title: str) -> Figure:
    """Plot ``quantity`` against ``cost``, both logarithmic: one panel per data set of ``drawn``, one curve per method.

    A curve is dotted where not all seeds with status ok were still training. A method with cost 0 is a line across
    the panel. Values below :data:`ebmbench.reporting.figures.courses.LEAST` are not drawn.
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
