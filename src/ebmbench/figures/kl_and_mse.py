"""The exact KL divergence above the squared error of the log-density, with log Z taken in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ebmbench.figures.base import Inputs
from ebmbench.figures.courses import LABELS, STEPS, Trace, course, draw_courses, head, legend, seen
from ebmbench.figures.style import BLACK, WIDTH, new_figure, save, styled

__all__ = ["KLAndMSE"]

KL, EXACT, DATA_Z = "kl", "mse_log_density", "mse_log_density_data_z"

#: the lines of the error: with log Z from the data, and with the exact one
SOLID = {"linestyle": "solid"}
DASHED = {"linestyle": (0, (3, 1.5)), "linewidth": 0.9, "marker": ""}

#: data sets side by side
ACROSS = 3


@dataclass(frozen=True)
class KLAndMSE:
    """Two panels a data set over the same steps: KL(data || model), and E_data (log q - log p)^2 in nats squared.

    Both exact in the upper panel and in the dashed lines of the lower one. The solid lines of the lower one take
    log Z from importance weights under the data's density, as the code published with energy discrepancy does
    (Schröder et al. 2023): mass of the model where the data have none does not count there. Lines, bands and what
    is left out are those of :func:`ebmbench.figures.kl_curves.kl_curves`. ``title`` stands above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """From curves.csv and runs.csv; raises :class:`ebmbench.errors.UserError` where a column is missing."""
        drawn = courses(inputs.table("curves"), inputs.table("runs"))
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        methods = seen(inputs.methods(), drawn, KL)
        across = min(ACROSS, max(1, len(datasets)))
        blocks = max(1, -(-len(datasets) // across))
        with styled():
            figure = new_figure(WIDTH, 3.9 * blocks + 0.2 + 0.16 * -(-(len(methods) + 2) // LABELS), self.title)
            grid = figure.subplots(2 * blocks, across, squeeze=False)
            for axes in grid.flat:
                axes.set_axis_off()
            for place, dataset in enumerate(datasets):
                block, column = divmod(place, across)
                upper, lower = grid[2 * block : 2 * block + 2, column]
                _pair(upper, lower, drawn[drawn["dataset"] == dataset], dataset)
                if column == 0:
                    upper.set_ylabel("KL(data || model)\n(nats), lower is better")
                    lower.set_ylabel("mean of (log q − log p)²\n(nats²), lower is better")
            legend(figure, methods, _ways())
            save(figure, drawn, stem)


def courses(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The courses of all three columns against steps: one row a (cell, step) and count of seeds."""
    return reduce(
        lambda left, right: left.merge(right, how="outer"),
        [course(curves, runs, STEPS, column) for column in (KL, EXACT, DATA_Z)],
    )


def _pair(upper: Axes, lower: Axes, drawn: pd.DataFrame, dataset: str) -> None:
    upper.set_axis_on()
    lower.set_axis_on()
    draw_courses(upper, drawn, [Trace(KL)])
    draw_courses(lower, drawn, [Trace(DATA_Z, SOLID), Trace(EXACT, DASHED)])
    upper.sharex(lower)
    upper.tick_params(labelbottom=False)
    head(upper, drawn, dataset)
    lower.set_xlabel(STEPS.label)


def _ways() -> list[Line2D]:
    return [
        Line2D([], [], color=BLACK, **SOLID, label="below: log Z from the data"),
        Line2D([], [], color=BLACK, **DASHED, label="below: exact log Z"),
    ]
