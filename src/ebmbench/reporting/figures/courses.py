"""Training curves: from the collected table to lines and bands of a panel."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ebmbench.core.cells import AXES
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.interface import Method
from ebmbench.reporting.figures.style import SMALL, WIDTH, Look, log_scale

#: values below this, such as the oracle's, are rounding errors and are not drawn
LEAST = 1e-5

#: largest number of legend labels side by side
LABELS = 4

#: inches of the legend: height of a row, width of a character, further width of a label
ROW, CHARACTER, BESIDES = 0.16, 0.055, 0.65

#: length of the legend's lines in font sizes: long enough to distinguish line styles despite the marker
HANDLE = 4.5

#: characters per line under a panel's title
WRAP = 46

_METHOD = list(AXES[1:])


class CostAxis(NamedTuple):
    """Cost on the horizontal axis: the sum of columns of curves.csv."""

    columns: tuple[str, ...]
    label: str


SECONDS = CostAxis(("seconds",), "training time (s)")
EVALUATIONS = CostAxis(("energy_evaluations", "gradient_evaluations"), "energy + gradient evaluations")
STEPS = CostAxis(("step",), "training steps")


class Trace(NamedTuple):
    """A column of curves.csv, drawn as one line per method; ``style``: overrides of the method's look."""

    column: str
    style: Mapping[str, Any] = MappingProxyType({})


def course(
    curves: pd.DataFrame, runs: pd.DataFrame, cost: CostAxis, column: str = "kl", centre: str = "mean"
) -> pd.DataFrame:
    """Return one row per (cell, step): mean cost, ``centre`` of ``column``, its extremes, and the number of seeds.

    ``centre``: ``mean`` or ``median``.
    The extremes are ``{column}_min`` and ``{column}_max``. Only seeds with status ok in ``runs`` count; ``of`` is
    their number in the cell, ``failed`` the number of its other seeds. A cell with failures only has one row without
    numbers. Data sets without any value are left out. Raises :class:`UserError` if the column is missing.
    """
    if column not in curves:
        raise UserError(f"curves.csv: no column {column!r}; {allowed_names(column, curves)}")
    ok = runs.assign(ok=runs["status"] == "ok")[[*AXES, "seed", "ok"]]
    known = curves.merge(ok, on=[*AXES, "seed"])
    known = known[known["ok"] & known[column].notna()]
    known = known.assign(cost=known[list(cost.columns)].sum(axis="columns"))
    figures = {column: (column, centre), f"{column}_min": (column, "min"), f"{column}_max": (column, "max")}
    table = known.groupby([*AXES, "step"], as_index=False).agg(
        cost=("cost", "mean"), **figures, seeds=("seed", "nunique")
    )
    counts = ok.groupby(list(AXES), as_index=False).agg(of=("ok", "sum"), all=("ok", "size"))
    counts = counts[counts["dataset"].isin(table["dataset"])]
    table = counts.merge(table, on=list(AXES), how="left")
    table = table.assign(failed=table["all"] - table["of"], seeds=table["seeds"].fillna(0).astype(int))
    return table[(table["seeds"] > 0) | (table["failed"] > 0)].drop(columns="all").reset_index(drop=True)


def draw_courses(axes: Axes, drawn: pd.DataFrame, traces: Sequence[Trace], looks: Mapping[Method, Look]) -> None:
    """Draw ``traces`` of every method in ``drawn`` (a :func:`course` of one data set), both axes logarithmic.

    A method with cost 0 is a line across the panel. Values below :data:`LEAST` are not drawn.
    """
    axes.set(xscale="log", yscale="log")
    for method, curve in drawn.groupby(_METHOD, sort=True):
        for trace in traces:
            draw = _curve if (curve["cost"] > 0).any() else _level
            style = looks[method].of_line() | dict(trace.style)
            draw(axes, curve[curve[trace.column] > LEAST].sort_values("step"), trace.column, style)
    log_scale(axes.xaxis)
    log_scale(axes.yaxis)


def head(axes: Axes, drawn: pd.DataFrame, dataset: str) -> None:
    """Set the panel's title: the data set and, in small print, how many runs of which methods have no result."""
    axes.set_title(dataset)
    counts = {method_label(*method): curve["failed"].iloc[0] for method, curve in drawn.groupby(_METHOD, sort=True)}
    reported = ", ".join(f"{label} ({count})" for label, count in counts.items() if count)
    if reported:
        axes.set_title(f"{dataset}\n{textwrap.fill(f'no result: {reported}', WRAP)}", fontsize=SMALL)


def seen(looks: Mapping[Method, Look], drawn: pd.DataFrame, column: str) -> dict[Method, Look]:
    """Return the ``looks`` of the methods that have something to draw."""
    shown = {tuple(row) for row in drawn[drawn[column] > LEAST][_METHOD].to_numpy()}
    return {method: look for method, look in looks.items() if method in shown}


def legend_height(looks: Mapping[Method, Look], further: Sequence[Line2D] = ()) -> float:
    """Return the height in inches of :func:`legend` for the same arguments."""
    return ROW * -(-(len(looks) + len(further)) // _side_by_side(looks, further))


def legend(figure: Figure, looks: Mapping[Method, Look], further: Sequence[Line2D] = ()) -> None:
    """Add a legend below the panels: the methods with their looks, then ``further`` handles with their labels."""
    if looks:
        handles = [Line2D([], [], **look.of_line(), label=method_label(*method)) for method, look in looks.items()]
        across = _side_by_side(looks, further)
        figure.legend(handles=[*handles, *further], loc="outside lower center", ncols=across, handlelength=HANDLE)


def _side_by_side(looks: Mapping[Method, Look], further: Sequence[Line2D]) -> int:
    """Return how many labels fit into a page's width."""
    labels = [*(method_label(*method) for method in looks), *(str(line.get_label()) for line in further)]
    return max(1, min(LABELS, int(WIDTH / (BESIDES + CHARACTER * max(map(len, labels), default=0)))))


def _curve(axes: Axes, curve: pd.DataFrame, column: str, style: dict[str, Any]) -> None:
    """Draw the band and the line, solid where it includes every seed, with markers at about four checkpoints."""
    curve = curve[curve["cost"] > 0]
    whole = curve[curve["seeds"] == curve["of"]]
    marked = np.unique(np.linspace(0, max(len(whole) - 1, 0), 4).astype(int)).tolist()
    rest = curve[curve["step"] >= whole["step"].max()] if len(whole) else curve
    axes.plot(rest["cost"], rest[column], color=style["color"], linestyle=":", linewidth=1)
    axes.plot(whole["cost"], whole[column], **style, markevery=marked)
    band = {"color": style["color"], "alpha": 0.2, "linewidth": 0}
    least, most = (curve[f"{column}_{end}"].clip(lower=LEAST) for end in ("min", "max"))
    axes.fill_between(curve["cost"], least, most, **band)


def _level(axes: Axes, curve: pd.DataFrame, column: str, style: dict[str, Any]) -> None:
    """Draw a line across the panel at the last value of a method without cost."""
    for value in curve[column].tail(1):
        axes.axhline(value, **style | {"linewidth": 0.8}, markevery=[1], clip_on=False)
