"""Sampling error of samplers of one model against cost, and distance to the data, over inverse temperatures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
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
    Look,
    log_scale,
    new_figure,
    save,
    styled,
)

#: panels side by side
ACROSS = 3

_LOOKS = {
    "importance": Look(ORANGE, "D", "", "solid", True),
    "independence": Look(PURPLE, "P", "", "solid", True),
    "ula": Look(SKY, "v", "", (0, (5, 1.5)), True),
    "mala": Look(BLUE, "o", "", "solid", True),
    "hmc": Look(GREEN, "s", "", "solid", True),
    "kinetic": Look(VERMILION, "^", "", (0, (5, 1.5)), True),
}

_LABELS = {
    "importance": "importance resampling (no chain)",
    "independence": "independence Metropolis",
    "ula": "ULA",
    "mala": "MALA",
    "hmc": "HMC",
    "kinetic": "kinetic Langevin",
}

#: rows without a budget -> line, label
_LINES: dict[str, tuple[dict[str, Any], str]] = {
    "base": ({"color": GREY, "linestyle": (0, (6, 2))}, "base alone"),
    "exact": ({"color": BLACK, "linestyle": "dotted"}, "exact samples of $\\pi_\\beta$"),
}

_FLOOR: dict[str, Any] = {"color": BLACK, "linestyle": (0, (3, 1, 1, 1)), "linewidth": 0.8}


def latent_samplers(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """Plot distance to pi_beta against evaluations per sample, one panel per beta; last, distance to data against beta.

    ``tables`` come from :class:`ebmbench.experiments.latent_samplers.LatentSamplers`. The last panel shows the distance
    to the test set at the largest budget. Bars are two standard errors over repetitions; a marker is open if the
    samples have a mark. Rows with a status other than ok are not drawn; the title names those at the largest budget.
    """
    samples, floor = tables["samples"], tables["floor"]
    betas = sorted(samples["beta"].unique())
    down = -(-(len(betas) + 1) // ACROSS)
    with styled():
        figure = new_figure(WIDTH, 2.2 * down + 0.7)
        panels = list(figure.subplots(down, ACROSS, squeeze=False).flat)
        for beta, axes in zip(betas, panels, strict=False):
            _against_cost(axes, float(beta), samples[samples["beta"] == beta])
        _against_beta(panels[len(betas)], samples, float(floor["distance_to_data"].iloc[0]))
        for axes in panels[len(betas) + 1 :]:
            axes.set_axis_off()
        figure.legend(handles=_handles(samples), loc="outside lower center", ncols=4, handlelength=2.6)
        drawn = [samples.assign(panel="samples"), floor.assign(panel="floor")]
        save(figure, pd.concat(drawn, ignore_index=True), stem)


def _against_cost(axes: Axes, beta: float, rows: pd.DataFrame) -> None:
    axes.set(xscale="log", yscale="log")
    for name, (line, _) in _LINES.items():
        height = rows.loc[rows["sampler"] == name, "distance_to_model"]
        axes.axhline(float(height.iloc[0]), linewidth=1, **line)
    for name, points in _usable(rows, "distance_to_model"):
        _draw(axes, name, points, points["evaluations"] / points["draws"], "distance_to_model", "model_stderr")
    _scales(axes, rows["distance_to_model"], rows.loc[rows["budget"] > 0, "budget"])
    last = rows[(rows["budget"] == rows["budget"].max()) & (rows["status"] != "ok")]
    lost = [f"{row.sampler} {row.status}" for row in last.itertuples()]
    lost += ["no exact samples for comparison"] if rows["distance_to_model"].isna().all() else []
    name = f"β = {beta:g}" + (", the model" if beta == 1 else "")
    axes.set_title("\n".join([name, *lost]), fontsize=SMALL if lost else None)
    axes.set(xlabel="evaluations per sample", ylabel="MMD to $\\pi_\\beta$ (lower is better)")


def _against_beta(axes: Axes, samples: pd.DataFrame, floor: float) -> None:
    axes.set(xscale="log", yscale="log")
    axes.axvline(1.0, color=GREY, linewidth=0.6)
    axes.axhline(floor, **_FLOOR)
    for name, (line, _) in _LINES.items():
        rows = samples[samples["sampler"] == name].sort_values("beta")
        axes.errorbar(rows["beta"], rows["distance_to_data"], yerr=2 * rows["data_stderr"], capsize=1.5, **line)
    largest = samples[samples["budget"] == samples["budget"].max()].sort_values("beta")
    for name, points in _usable(largest, "distance_to_data"):
        _draw(axes, name, points, points["beta"], "distance_to_data", "data_stderr")
    _scales(axes, pd.concat([samples["distance_to_data"], pd.Series([floor])]), samples["beta"])
    axes.set_title(f"every β, {samples['budget'].max():g} evaluations per sample")
    axes.set(xlabel="β (1: the model)", ylabel="MMD to test samples (lower is better)")


def _scales(axes: Axes, heights: pd.Series, ticks: pd.Series) -> None:
    """Set ticks at the points, and limits that include all values (not their bars) and three times the smallest."""
    places = sorted(ticks.unique())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(places, [f"{place:g}" for place in places])
    known = heights[heights > 0]
    if known.empty:
        axes.set(yticks=[], xlim=(0.8 * places[0], 1.25 * places[-1]))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0.8 * known.min(), max(1.3 * known.max(), 3 * known.min()))
        log_scale(axes.yaxis)


def _usable(rows: pd.DataFrame, column: str) -> list[tuple[str, pd.DataFrame]]:
    """Return the samplers in the order of the legend, each with its rows that have a value."""
    found = {name: rows[(rows["sampler"] == name) & rows[column].notna()] for name in _LOOKS}
    return [(name, points) for name, points in found.items() if len(points)]


def _draw(axes: Axes, name: str, points: pd.DataFrame, x: pd.Series, column: str, stderr: str) -> None:
    look, y = _LOOKS[name], points[column]
    axes.errorbar(x, y, yerr=2 * points[stderr], color=look.colour, linestyle=look.line, capsize=1.5)
    marked = points["mark"].fillna("") != ""
    for chosen, face in ((marked, "white"), (~marked, look.colour)):
        axes.plot(x[chosen], y[chosen], **(look.of_line() | {"linestyle": "none", "markerfacecolor": face}))


def _handles(samples: pd.DataFrame) -> list[Line2D]:
    shown = [name for name in _LOOKS if name in set(samples["sampler"])]
    lines = [Line2D([], [], **_LOOKS[name].of_line(), label=_LABELS[name]) for name in shown]
    lines += [Line2D([], [], **line, label=label) for line, label in _LINES.values()]
    lines.append(Line2D([], [], **_FLOOR, label="validation samples"))
    open_marker: dict[str, Any] = {"color": GREY, "marker": "o", "markerfacecolor": "white", "linestyle": "none"}
    return [*lines, Line2D([], [], **open_marker, label="open: R-hat > 1.05, or\nweights collapsed")]
