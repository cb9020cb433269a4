"""The exact KL divergence in the course of training, against time or against evaluations."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ebmbench.cells import AXES
from ebmbench.figures.style import SMALL, WIDTH, Look, log_scale, look, new_figure, save, styled
from ebmbench.tables import method_label

#: panels, and labels of the legend, side by side
ACROSS, LABELS = 3, 4

#: nats below which a KL is rounding, such as the oracle's
LEAST = 1e-5

#: characters a line under a panel's title
WRAP = 46

_METHOD = list(AXES[1:])


class Cost(NamedTuple):
    """What the horizontal axis counts: the sum of columns of curves.csv."""

    columns: tuple[str, ...]
    label: str


SECONDS = Cost(("seconds",), "training time (s)")
EVALUATIONS = Cost(("energy_evaluations", "gradient_evaluations"), "energy + gradient evaluations")


def kl_curves(curves: pd.DataFrame, runs: pd.DataFrame, cost: Cost, stem: Path) -> None:
    """KL(data || model) in nats against ``cost``, both logarithmic: one panel a data set, one curve a method.

    ``curves`` and ``runs`` are the collected tables. A curve is the mean over the seeds whose status is ok, the
    band their smallest and largest value; it is dotted where not all of these seeds were still training. A method
    whose cost is 0 is a line across the panel. Means below :data:`LEAST` are not drawn, data sets without a known
    density are left out.
    """
    drawn = course(curves, runs, cost)
    datasets = sorted(set(drawn["dataset"]))
    shown = drawn[drawn["kl"] > LEAST][_METHOD].drop_duplicates()
    methods = sorted((tuple(row) for row in shown.to_numpy()), key=lambda method: method_label(*method))
    across = min(ACROSS, max(1, len(datasets)))
    down = max(1, -(-len(datasets) // across))
    with styled():
        figure = new_figure(WIDTH, 2.1 * down + 0.2 + 0.16 * -(-len(methods) // LABELS))
        grid = figure.subplots(down, across, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(datasets):
                _panel(axes, drawn[drawn["dataset"] == datasets[place]], datasets[place])
                axes.set_xlabel(cost.label if place + across >= len(datasets) else "")
            else:
                axes.set_axis_off()
        figure.supylabel("KL(data || model) (nats), lower is better", fontsize=8)
        _legend(figure, methods)
        save(figure, drawn, stem)


def _legend(figure: Figure, methods: Sequence[tuple[str, ...]]) -> None:
    if methods:
        handles = [Line2D([], [], **look(*method).of_line()) for method in methods]
        labels = [method_label(*method) for method in methods]
        figure.legend(handles, labels, loc="outside lower center", ncols=LABELS, handlelength=3)


def course(curves: pd.DataFrame, runs: pd.DataFrame, cost: Cost) -> pd.DataFrame:
    """One row a (cell, step): mean cost, mean KL, smallest and largest KL, and how many seeds they rest on.

    Only seeds whose status in ``runs`` is ok count; ``of`` is how many of these the cell has, ``failed`` how
    many it has besides. A cell with failures only has one row, without numbers. Data sets without any KL are
    left out.
    """
    ok = runs.assign(ok=runs["status"] == "ok")[[*AXES, "seed", "ok"]]
    known = curves.merge(ok, on=[*AXES, "seed"])
    known = known[known["ok"] & known["kl"].notna()]
    known = known.assign(cost=known[list(cost.columns)].sum(axis="columns"))
    table = known.groupby([*AXES, "step"], as_index=False).agg(
        cost=("cost", "mean"),
        kl=("kl", "mean"),
        kl_min=("kl", "min"),
        kl_max=("kl", "max"),
        seeds=("seed", "nunique"),
    )
    counts = ok.groupby(list(AXES), as_index=False).agg(of=("ok", "sum"), all=("ok", "size"))
    counts = counts[counts["dataset"].isin(table["dataset"])]
    table = counts.merge(table, on=list(AXES), how="left")
    table = table.assign(failed=table["all"] - table["of"], seeds=table["seeds"].fillna(0).astype(int))
    return table[(table["seeds"] > 0) | (table["failed"] > 0)].drop(columns="all").reset_index(drop=True)


def _panel(axes: Axes, drawn: pd.DataFrame, dataset: str) -> None:
    axes.set(xscale="log", yscale="log")
    failures = []
    for method, curve in drawn.groupby(_METHOD, sort=True):
        if curve["failed"].iloc[0]:
            failures.append(f"{method_label(*method)} ({curve['failed'].iloc[0]})")
        draw = _curve if (curve["cost"] > 0).any() else _level
        draw(axes, curve[curve["kl"] > LEAST].sort_values("step"), look(*method))
    log_scale(axes.xaxis)
    log_scale(axes.yaxis)
    axes.set_title(dataset)
    if failures:
        told = textwrap.fill(f"without a result: {', '.join(failures)}", WRAP)
        axes.set_title(f"{dataset}\n{told}", fontsize=SMALL)


def _curve(axes: Axes, curve: pd.DataFrame, style: Look) -> None:
    """The mean, solid where every seed is in it, with markers at about four checkpoints, and the band."""
    curve = curve[curve["cost"] > 0]
    whole = curve[curve["seeds"] == curve["of"]]
    marked = np.unique(np.linspace(0, max(len(whole) - 1, 0), 4).astype(int)).tolist()
    rest = curve[curve["step"] >= whole["step"].max()] if len(whole) else curve
    axes.plot(rest["cost"], rest["kl"], color=style.colour, linestyle=":", linewidth=1)
    axes.plot(whole["cost"], whole["kl"], **style.of_line(), markevery=marked)
    axes.fill_between(curve["cost"], curve["kl_min"], curve["kl_max"], color=style.colour, alpha=0.2, linewidth=0)


def _level(axes: Axes, curve: pd.DataFrame, style: Look) -> None:
    """A line across the panel at the last KL of a method that costs nothing."""
    for kl in curve["kl"].tail(1):
        axes.axhline(kl, **style.of_line(), linewidth=0.8, markevery=[1], clip_on=False)
