"""The exact KL divergence in the course of training, against a cost."""

from __future__ import annotations

from pathlib import Path

from ebmbench.figures.base import Inputs
from ebmbench.figures.courses import LABELS, Cost, Trace, course, draw_courses, head, legend, seen
from ebmbench.figures.style import WIDTH, new_figure, save, styled

#: panels side by side
ACROSS = 3


def kl_curves(inputs: Inputs, cost: Cost, title: str, stem: Path) -> None:
    """KL(data || model) in nats against ``cost``, both logarithmic: one panel a data set, one curve a method.

    A curve is the mean over the seeds whose status is ok, the band their smallest and largest value; it is dotted
    where not all of these seeds were still training. A method whose cost is 0 is a line across the panel. Means
    below :data:`ebmbench.figures.courses.LEAST` are not drawn, data sets without a known density are left out.
    """
    drawn = course(inputs.table("curves"), inputs.table("runs"), cost)
    datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
    methods = seen(inputs.methods(), drawn, "kl")
    across = min(ACROSS, max(1, len(datasets)))
    down = max(1, -(-len(datasets) // across))
    with styled():
        figure = new_figure(WIDTH, 2.1 * down + 0.2 + 0.16 * -(-len(methods) // LABELS), title)
        grid = figure.subplots(down, across, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(datasets):
                shown = drawn[drawn["dataset"] == datasets[place]]
                draw_courses(axes, shown, [Trace("kl")])
                head(axes, shown, datasets[place])
                axes.set_xlabel(cost.label if place + across >= len(datasets) else "")
            else:
                axes.set_axis_off()
        figure.supylabel("KL(data || model) (nats), lower is better", fontsize=8)
        legend(figure, methods)
        save(figure, drawn, stem)
