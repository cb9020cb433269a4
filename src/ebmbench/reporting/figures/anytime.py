"""Mismatch of statistics and KL during training, by loss and moment-matching method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.reporting.figures.matching_styles import METHOD_LOOKS
from ebmbench.reporting.figures.style import GREY, WIDTH, log_scale, new_figure, save, styled

#: quantity of a row of panels -> its label
_ROWS = {
    "mismatch": "mean mismatch of statistics\n(data sd, lower is better)",
    "kl": "KL(data || model)\n(nats, lower is better)",
}


def anytime(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot mismatch (above) and KL (below) against steps: one column per loss, one line per moment-matching method.

    Bars are two standard errors over seeds. ``tables`` come from :class:`ebmbench.experiments.anytime.Anytime`. The
    band is the mismatch of the training examples themselves, within two standard errors.
    """
    means, floor = tables["means"], tables["floor"].iloc[0]
    losses = list(dict.fromkeys(means["loss"]))
    with styled():
        figure = new_figure(WIDTH, 4.4)
        grid = figure.subplots(len(_ROWS), len(losses), squeeze=False, sharex=True, sharey="row")
        for column, loss in zip(grid.T, losses, strict=True):
            column[0].set_title(f"trained by {loss}")
            for axes, name in zip(column, _ROWS, strict=True):
                _panel(axes, means[means["loss"] == loss], name)
            low, high = (floor["mismatch"] + sign * 2 * floor["stderr"] for sign in (-1, 1))
            column[0].axhspan(max(low, floor["mismatch"] / 3), high, color=GREY, alpha=0.3, linewidth=0)
            column[-1].set_xlabel("training steps")
        for axes, label in zip(grid[:, 0], _ROWS.values(), strict=True):
            axes.set_ylabel(label)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
        save(figure, means.assign(panel="means"), stem)


def _panel(axes: Axes, means: pd.DataFrame, name: str) -> None:
    for arm, rows in means.groupby("arm", sort=False):
        error = 2 * rows[f"{name}_stderr"].fillna(0.0)
        look = {
            **METHOD_LOOKS[str(arm)].of_line(),
            "linewidth": 1.0,
            "elinewidth": 0.5,
            "markersize": 2.5,
            "capsize": 0,
        }
        axes.errorbar(rows["step"], rows[name], yerr=error, label=str(arm), **look)
    axes.set(xscale="log", yscale="log")
    log_scale(axes.xaxis)
    log_scale(axes.yaxis)
