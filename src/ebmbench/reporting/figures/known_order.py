"""Rates of wrong decisions and power against how different two methods of known order are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ebmbench.reporting.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILION,
    WIDTH,
    Look,
    new_figure,
    save,
    styled,
)

_LOOKS = {
    "kl": Look(BLUE, "o", "", "solid", True),
    "nll": Look(VERMILION, "s", "", "solid", True),
    "energy_distance": Look(GREEN, "^", "", "solid", True),
    "mmd2": Look(PURPLE, "v", "", (0, (5, 1.5)), True),
    "sliced_wasserstein": Look(ORANGE, "D", "", (0, (2, 2)), True),
}

#: factor between the positions of two metrics at the same point, so that their error bars do not overlap
APART = 1.035


class Curves(NamedTuple):
    """A row of panels: the rules whose rates are drawn for two equal methods, and for a worse and a better one."""

    title: str
    equal: str
    worse: str


def known_order(table: pd.DataFrame, curves: Sequence[Curves], stem: Path) -> None:
    """Plot rates against the KL of the worse method over that of the better one, from the table known_order.csv.

    Rows of panels are rules, columns numbers of seeds, colours metrics. At factor 1 the rate is that of wrong
    decisions, and the dashed line its stated level; at larger factors it is power. Bars are one standard error.
    """
    seeds = sorted(table["seeds"].unique())
    drawn = table[table["rule"].isin([rule for of in curves for rule in of[1:]])]
    with styled():
        figure = new_figure(WIDTH, 1.75 * len(curves) + 0.5)
        grid = figure.subplots(len(curves), len(seeds), sharex=True, sharey=True, squeeze=False)
        for row, of in zip(grid, curves, strict=True):
            for axes, number in zip(row, seeds, strict=True):
                own = drawn[drawn["rule"].isin(of[1:]) & (drawn["seeds"] == number)]
                _draw(axes, own)
                axes.set_title(f"{of.title}, {number} seeds")
        metrics = [name for name in _LOOKS if name in set(drawn["metric"])]
        grid[-1][len(seeds) // 2].set_xlabel(
            "KL of the worse method / KL of the better one (at 1 every decision is wrong)"
        )
        figure.supylabel("fraction of repetitions in which the rule decides", fontsize=8)
        handles = [Line2D([], [], **_LOOKS[name].of_line()) for name in metrics]
        stated = Line2D([], [], color=GREY, linestyle="dashed")
        labels = [name.replace("_", " ") for name in metrics]
        figure.legend(
            [*handles, stated], [*labels, "stated level"], loc="outside lower center", ncols=6, handlelength=3
        )
        save(figure, drawn, stem)


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    factors = sorted(rows["factor"].unique())
    axes.set(xscale="log", ylim=(-0.04, 1.04))
    for level in rows["level"].dropna().unique():
        axes.axhline(level, color=GREY, linestyle="dashed", linewidth=0.8)
    metrics = [name for name in _LOOKS if name in set(rows["metric"])]
    for place, metric in enumerate(metrics):
        of, look = rows[rows["metric"] == metric].sort_values("factor"), _LOOKS[metric]
        x = of["factor"] * APART ** (place - (len(metrics) - 1) / 2)
        axes.errorbar(x, of["rate"], yerr=of["stderr"], capsize=1.5, markersize=3, linewidth=0.9, **look.of_line())
    axes.set_xticks(factors, [f"{factor:g}" for factor in factors])
    axes.minorticks_off()
