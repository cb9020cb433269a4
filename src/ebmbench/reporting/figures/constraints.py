"""Target means, achieved means, and their cost in KL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ebmbench.reporting.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
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

#: panels side by side
ACROSS = 3

_LOOKS = {
    "exact": Look(BLACK, "D", "", "none", False),
    "newton": Look(BLUE, "o", "", "none", True),
    "chains": Look(VERMILION, "^", "", "none", True),
}

#: looks of penalties, from weak to strong
_PENALTIES = (
    Look(SKY, "s", "", "none", True),
    Look(GREEN, "P", "", "none", True),
    Look(ORANGE, "X", "", "none", True),
)

_LABELS = {
    "exact": "exact tilt on grid cells",
    "newton": "tilt of samples, in rounds",
    "chains": "stochastic approximation with chains",
}

_BOUND: dict[str, Any] = {"color": BLACK, "linewidth": 0.8}
_ASKED: dict[str, Any] = {"color": GREY, "linewidth": 0.6, "linestyle": (0, (1, 1.5))}

#: violations below this fraction are drawn at this value
FLOOR = 1e-6


def constraints(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot achieved shift against KL, one panel per statistic, then the mass beyond a threshold and side effects.

    ``tables`` come from :class:`ebmbench.experiments.constraints.Constraints`. Curves show the least KL, dotted lines
    the targets. The last panel shows the change of the other statistics; a line joins the exact tilts of a statistic.
    Rows whose status is not ok are named in the panel of the threshold.
    """
    shifts, edge, bounds = tables["shifts"], tables["edge"], tables["bounds"]
    bounds = bounds[np.isfinite(bounds["kl"])]
    looks = _looks(shifts)
    names = list(dict.fromkeys(shifts["statistic"]))
    with styled():
        down = -(-(len(names) + 2) // ACROSS)
        figure = new_figure(WIDTH, 2.3 * down + 0.5)
        panels = list(figure.subplots(down, ACROSS, squeeze=False).flat)
        for name, axes in zip(names, panels, strict=False):
            _shifts(axes, shifts[shifts["statistic"] == name], bounds[bounds["bound"] == name], looks)
            axes.set_title(name)
        _edge(panels[len(names)], edge, bounds[bounds["bound"] == "violation"], looks)
        _others(panels[len(names) + 1], pd.concat([shifts, edge.assign(statistic="threshold")]), looks)
        for axes in panels[len(names) + 2 :]:
            axes.set_axis_off()
        figure.legend(handles=_handles(looks), loc="outside lower center", ncols=4)
        drawn = [table.assign(panel=name) for name, table in tables.items()]
        save(figure, pd.concat(drawn, ignore_index=True), stem)


def _looks(shifts: pd.DataFrame) -> dict[str, Look]:
    """Return the looks of the methods in the table, penalties in their order."""
    ways = list(dict.fromkeys(shifts["way"]))
    penalties = dict(zip([way for way in ways if way not in _LOOKS], _PENALTIES, strict=False))
    return {way: look for way, look in (_LOOKS | penalties).items() if way in ways}


def _shifts(axes: Axes, rows: pd.DataFrame, bound: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    for asked in sorted(rows["asked"].unique()):
        axes.axhline(asked, **_ASKED)
    axes.plot(bound["kl"], bound["at"], **_BOUND)
    _points(axes, rows, ("kl", "achieved"), looks)
    least = float(rows["kl"].min())
    axes.set(xscale="log", xlim=(0.5 * least, 2 * float(bound["kl"].max())), ylim=(0, None))
    log_scale(axes.xaxis)
    axes.set(xlabel="KL(q || p) (nats), lower is better", ylabel="shift achieved (sd)")


def _edge(axes: Axes, rows: pd.DataFrame, bound: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    axes.plot(bound["kl"], bound["at"], **_BOUND)
    _points(axes, rows.assign(violation=rows["violation"].clip(lower=FLOOR)), ("kl", "violation"), looks)
    axes.set(yscale="log", ylim=(0.7 * FLOOR, 2 * float(bound["at"].max())), xlim=(0, None))
    axes.text(0.04, 0.04, "\n".join(_lost(rows)), transform=axes.transAxes, fontsize=SMALL - 1, va="bottom")
    axes.set_title("no mass beyond a threshold")
    axes.set(xlabel="KL(q || p) (nats), lower is better", ylabel="mass beyond it (lower is better)")


def _lost(rows: pd.DataFrame) -> list[str]:
    """Return lines of text: each target that some methods missed a result for, then those methods with their status."""
    lost = rows[rows["status"] != "ok"].drop_duplicates(["way", "asked"])
    reported: list[str] = []
    for asked, ways in lost.groupby("asked", sort=False):
        reported += [f"target {asked:g}", *(f"{row.way} {row.status}" for row in ways.itertuples())]
    return reported


def _others(axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    axes.set(xscale="log", yscale="log")
    exact = rows[(rows["way"] == "exact") & (rows["status"] == "ok")].sort_values("kl")
    for _, own in exact.groupby("statistic"):
        axes.plot(own["kl"], own["held_out"], color=GREY, linewidth=0.6)
    _points(axes, rows, ("kl", "held_out"), looks)
    height = 0.0
    for end in exact.groupby("statistic").tail(1).sort_values("held_out").itertuples():
        height = max(1.2 * height, end.held_out)
        axes.text(1.02, height, end.statistic, transform=axes.get_yaxis_transform(), fontsize=SMALL - 1, va="center")
    log_scale(axes.xaxis)
    log_scale(axes.yaxis)
    axes.set_title("unconstrained statistics")
    axes.set(xlabel="KL(q || p) (nats)", ylabel="their change (sd, lower is better)")


def _points(axes: Axes, rows: pd.DataFrame, columns: tuple[str, str], looks: Mapping[str, Look]) -> None:
    for way, look in looks.items():
        own = rows[(rows["way"] == way) & (rows["status"] == "ok")]
        size = 6.0 if way == "exact" else 3.5
        axes.plot(own[columns[0]], own[columns[1]], **look.of_line(), markersize=size, markeredgewidth=0.8)


def _handles(looks: Mapping[str, Look]) -> list[Line2D]:
    lines = [Line2D([], [], **look.of_line(), label=_LABELS.get(way, way)) for way, look in looks.items()]
    lines.append(Line2D([], [], **_BOUND, label="smallest possible KL"))
    return [*lines, Line2D([], [], **_ASKED, label="target")]
