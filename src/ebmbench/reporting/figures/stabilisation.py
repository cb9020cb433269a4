"""Energies learnt with different stabilisers of energy discrepancy, and the bias of each at finite M."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from ebmbench.reporting.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    SKY,
    VERMILION,
    WIDTH,
    log_scale,
    new_figure,
    save,
    styled,
)

#: stabiliser w -> colour and line
_LOOKS = {0.0: (VERMILION, (0, (1, 1))), 0.1: (SKY, (0, (5, 1))), 1.0: (GREEN, "solid"), 4.0: (BLUE, (0, (3, 1, 1, 1)))}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")

TOP = 4.6


def stabilisation(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot U(x) - min U for each w next to x^2 / 2 (left), and the precision that minimises the loss against M (right).

    ``tables`` come from :class:`ebmbench.experiments.stabilisation.Stabilisation`. One thin line per seed; bars are two
    standard errors.
    """
    fits, bias = tables["fits"], tables["bias"]
    with styled():
        figure = new_figure(WIDTH, 3.0)
        left, right = figure.subplots(1, 2)
        _fits(left, fits)
        _bias(right, bias)
        drawn = pd.concat([fits.assign(panel="fits"), bias.assign(panel="bias")], ignore_index=True)
        save(figure, drawn, stem)


def _fits(axes: Axes, fits: pd.DataFrame) -> None:
    x = np.sort(fits["x"].unique())
    axes.plot(x, x**2 / 2, color=BLACK, linewidth=3, alpha=0.25, label="truth, x²/2")
    for w, rows in fits.groupby("w"):
        colour, line = _LOOKS.get(float(w), (GREY, "solid"))
        for place, (_, run) in enumerate(rows.groupby("seed")):
            label = f"w = {w:g}" if place == 0 else None
            axes.plot(run["x"], run["energy"], color=colour, linestyle=line, linewidth=1, label=label)
    axes.set(ylim=(-0.1, TOP), xlabel="x", ylabel="U(x) minus its minimum (nats)")
    axes.legend(loc="upper center", ncols=3, handlelength=3, bbox_to_anchor=(0.5, -0.2))


def _bias(axes: Axes, bias: pd.DataFrame) -> None:
    axes.axhline(1.0, color=BLACK, linestyle="--", linewidth=1)
    for marker, (w, rows) in zip(_MARKERS, bias.groupby("w"), strict=False):
        finite = rows[np.isfinite(rows["precision"])]
        colour, line = _LOOKS.get(float(w), (GREY, "solid"))
        axes.errorbar(
            finite["M"],
            finite["precision"],
            yerr=2 * finite["stderr"],
            color=colour,
            linestyle=line,
            marker=marker,
            capsize=2,
            label=f"w = {w:g}",
        )
    axes.set(xscale="log", yscale="log", xlabel="negatives per sample, M")
    axes.set_ylabel("precision at the minimum of the loss (truth: 1)")
    log_scale(axes.yaxis)
    ticks = sorted(bias["M"].unique())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [f"{M:g}" for M in ticks])
    axes.legend(loc="upper right", ncols=2)
