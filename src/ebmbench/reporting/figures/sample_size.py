"""Head-room of statistics by network width and sample size, and the KL gained by a tilt to estimated means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ebmbench.reporting.figures.style import BLACK, BLUE, GREEN, VERMILION, WIDTH, log_scale, new_figure, save, styled

#: colour, marker and line of networks, in order of width
_LOOKS = ((VERMILION, "o", "solid"), (GREEN, "s", (0, (5, 1.5))), (BLUE, "D", (0, (2, 1))))


def sample_size(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot head-room (above) and KL gained (below) against training examples: one column per set, one line per width.

    Bars are two standard errors. ``tables`` come from :class:`ebmbench.experiments.sample_size.SampleSize`. Thin lines
    below: head-room - K / 2N.
    """
    means = tables["means"]
    sets = list(dict.fromkeys(means["set"]))
    with styled():
        figure = new_figure(WIDTH, 4.4)
        grid = figure.subplots(2, len(sets), squeeze=False, sharex=True, sharey="row")
        for column, name in zip(grid.T, sets, strict=True):
            rows = means[means["set"] == name]
            column[0].set_title(f"{name}: K = {rows['statistics'].iloc[0]}")
            _panel(column[0], rows, "headroom")
            _panel(column[1], rows, "gained")
            column[0].set_yscale("log")
            log_scale(column[0].yaxis)
            column[1].axhline(0, color=BLACK, linewidth=0.6)
            column[1].set_yscale("symlog", linthresh=0.01)
            column[1].set_xlabel("training samples N")
        grid[0, 0].set_ylabel("head-room\n(nats, lower is better)")
        grid[1, 0].set_ylabel("KL gain by a tilt to the training means\n(nats, higher is better)")
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
        save(figure, means.assign(panel="means"), stem)


def _panel(axes: Axes, means: pd.DataFrame, name: str) -> None:
    for (colour, marker, line), (width, rows) in zip(_LOOKS, means.groupby("width"), strict=False):
        look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": line, "markersize": 3.5, "capsize": 2}
        error = 2 * np.nan_to_num(rows[f"{name}_stderr"])
        axes.errorbar(rows["rows"], rows[name], yerr=error, label=f"{width} units", **look)
        if name == "gained":
            axes.plot(rows["rows"], rows["expected"], color=colour, linewidth=0.5)
    axes.set_xscale("log")
    log_scale(axes.xaxis)
