"""Error of log Z estimators against their cost, on targets with known log Z."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

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
    Look,
    log_scale,
    new_figure,
    save,
    styled,
)

#: panels and legend labels side by side
ACROSS, LABELS = 3, 4

#: characters per line under a panel's title
WRAP = 44

_LOOKS = {
    "AIS, MALA": Look(BLUE, "o", "", "solid", True),
    "AIS, HMC": Look(SKY, "s", "", "solid", True),
    "SMC, MALA": Look(VERMILION, "^", "", "solid", True),
    "SMC, HMC": Look(ORANGE, "v", "", "solid", True),
    "IS, base": Look(GREY, "d", "", (0, (2, 2)), True),
    "IS, flow": Look(PURPLE, "*", "", (0, (2, 2)), True),
    "ebmkit AIS, MALA": Look(BLACK, "X", "", (0, (5, 1.5)), False),
    "ebmkit AIS, HMC": Look(GREEN, "P", "", (0, (5, 1.5)), False),
}

#: look of a method that is missing from the table above
_OTHER = Look(GREY, "1", "", "dotted", True)


#: unit of the horizontal axis
THOUSAND = 1000


class ErrorPanel(NamedTuple):
    """A target's points, and the methods without any point."""

    target: str
    points: pd.DataFrame
    missing: list[str]


def log_z_error(summary: pd.DataFrame, stem: Path) -> None:
    """Plot the RMSE of log Z in nats against energy evaluations, both logarithmic: panels are targets, lines methods.

    ``summary`` is log_z_summary.csv. Bars are one standard error of the RMSE. A marker is open if more than a tenth
    of the repetitions failed, which excludes them from the RMSE. A method has no point where at most half of the
    repetitions are ok; the panel's title names methods without any point. Bounds are not drawn.
    """
    known = summary[summary["mean_stderr"].notna() | (summary["bracketed"].isna() & (summary["failed"] > 0))]
    panels = [_panel_of(str(target), part) for target, part in known.groupby("target", sort=False)]
    methods = list(dict.fromkeys(pd.concat([panel.points["method"] for panel in panels])))
    across = min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    with styled():
        figure = new_figure(WIDTH, 2.2 * down + 0.3 + 0.16 * -(-len(methods) // LABELS))
        grid = figure.subplots(down, across, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place >= len(panels):
                axes.set_axis_off()
                continue
            _draw(axes, panels[place])
            axes.set_xlabel("energy evaluations (thousands)" if place + across >= len(panels) else "")
        figure.supylabel("rmse of log Z (nats), lower is better", fontsize=8)
        handles = [Line2D([], [], **_LOOKS.get(method, _OTHER).of_line()) for method in methods]
        figure.legend(handles, methods, loc="outside lower center", ncols=LABELS, handlelength=3)
        save(figure, pd.concat([panel.points for panel in panels]), stem)


def _panel_of(target: str, rows: pd.DataFrame) -> ErrorPanel:
    shown = rows[rows["rmse"].notna() & (2 * rows["failed"] < rows["repetitions"])]
    columns = ["target", "method", "energy_evaluations", "rmse", "rmse_stderr", "repetitions", "failed"]
    missing = [method for method in dict.fromkeys(rows["method"]) if method not in set(shown["method"])]
    return ErrorPanel(target, shown[columns], missing)


def _draw(axes: Axes, panel: ErrorPanel) -> None:
    axes.set(xscale="log", yscale="log")
    for method, points in panel.points.groupby("method", sort=False):
        look, points = _LOOKS.get(str(method), _OTHER), points.sort_values("energy_evaluations")
        x, y = points["energy_evaluations"] / THOUSAND, points["rmse"]
        axes.errorbar(x, y, yerr=points["rmse_stderr"].fillna(0), color=look.colour, linestyle=look.line, capsize=1.5)
        unsure = 10 * points["failed"] > points["repetitions"]
        for chosen, face in ((unsure, "white"), (~unsure, look.of_line()["markerfacecolor"])):
            style = look.of_line() | {"linestyle": "none", "markerfacecolor": face}
            axes.plot(x[chosen], y[chosen], **style)
    log_scale(axes.xaxis)
    log_scale(axes.yaxis)
    axes.set_title(panel.target)
    if panel.missing:
        reported = textwrap.fill(f"failed in at least half of the runs: {'; '.join(panel.missing)}", WRAP)
        axes.set_title(f"{panel.target}\n{reported}", fontsize=SMALL)
