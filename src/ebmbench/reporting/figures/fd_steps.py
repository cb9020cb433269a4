"""Frechet distance between a model's samples and the data against Langevin steps from its base."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from ebmbench.reporting.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    VERMILION,
    WIDTH,
    log_scale,
    new_figure,
    save,
    styled,
)

#: colour, marker and line of step sizes, from the smallest
_LOOKS = (
    (SKY, "v", (0, (2, 1))),
    (BLUE, "o", "solid"),
    (GREEN, "s", (0, (5, 1.5))),
    (ORANGE, "D", (0, (7, 1.5, 2, 1.5))),
    (VERMILION, "^", (0, (1, 1))),
    (PURPLE, "P", (0, (4, 1, 1, 1))),
)

#: largest over smallest distance from which the axis is logarithmic
WIDE = 10.0

#: placement of text that belongs to a horizontal line
_ABOVE: dict[str, Any] = {
    "xycoords": ("axes fraction", "data"),
    "xytext": (-2, 2),
    "textcoords": "offset points",
    "ha": "right",
    "va": "bottom",
    "fontsize": SMALL,
}

#: width reserved for 0 steps, in decades
ZERO = 0.5


def fd_steps(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot one line per step size; steps on a logarithmic axis with 0 at its left, bars two jackknife errors.

    ``tables`` come from :class:`ebmbench.experiments.fd_steps.FDSteps`. Dashed: training images in place of samples,
    with a band of two errors. The line of a step size whose chains diverge ends there, and its label gives the step.
    """
    draws, floor = tables["draws"], tables["floor"].iloc[0]
    with styled():
        figure = new_figure(WIDTH * 0.65, 2.9)
        axes = figure.subplots()
        low, high = (floor["distance"] + sign * 2 * floor["stderr"] for sign in (-1, 1))
        axes.axhspan(low, high, color=GREY, alpha=0.25, linewidth=0)
        axes.axhline(floor["distance"], color=BLACK, linestyle="--", linewidth=0.9)
        axes.annotate("training images", (1, floor["distance"]), **_ABOVE)
        for place, (size, rows) in enumerate(draws.groupby("step_size")):
            _line(axes, float(size), rows, place % len(_LOOKS))
        _scales(axes, draws, pd.concat([draws["distance"], pd.Series([floor["distance"]])]))
        extractor, beta = draws["extractor"].iloc[0], draws["beta"].iloc[0]
        tempered = "" if beta == 1 else f", β = {beta:g}"
        axes.set_xlabel(f"Langevin steps from the base (0: base alone){tempered}")
        axes.set_ylabel(f"Frechet distance to test images\n(features: {extractor}; lower is better)")
        figure.legend(loc="outside right center", handlelength=3, title="step size (a variance)")
        save(figure, pd.concat([draws.assign(panel="draws"), tables["floor"].assign(panel="floor")]), stem)


def _line(axes: Axes, size: float, rows: pd.DataFrame, place: int) -> None:
    colour, marker, line = _LOOKS[place]
    known = rows[rows["status"] == "ok"]
    lost = rows.loc[rows["status"] != "ok", "steps"]
    label = f"{size:g}" + (f"\n(diverged by step {lost.min():g})" if len(lost) else "")
    look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": line, "capsize": 2, "elinewidth": 0.9}
    axes.errorbar(known["steps"], known["distance"], yerr=2 * known["stderr"], label=label, **look)


def _scales(axes: Axes, draws: pd.DataFrame, heights: pd.Series) -> None:
    axes.set_xscale("symlog", linthresh=1, linscale=ZERO)
    places = sorted(draws["steps"].unique())
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.2, 1.3 * places[-1])
    known = heights[heights > 0]
    if known.max() > WIDE * known.min():
        axes.set(yscale="log", ylim=(known.min() / 1.5, 1.5 * known.max()))
        log_scale(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)
