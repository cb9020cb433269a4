"""Mismatch between the moments of samples and the test set, next to the value that an exact match would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL, SAMPLER
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.style import GREY, SMALL, WIDTH, Look, log_scale, look, new_figure, save, styled

__all__ = ["MismatchBars"]

METRIC, FLOOR = "moments_mismatch_mean", "moments_mismatch_floor"

#: panels side by side
ACROSS = 3

#: largest over smallest value from which an axis is logarithmic
WIDE = 30.0

#: offsets of the model's bar and the sampler's marker from the middle of a row, and height of a bar, in rows
BAR, MARKER, HEIGHT = 0.17, -0.29, 0.54

#: the sampler's marker: a circle, or a hollow cross if a run in the mean is marked
PLAIN, MARKED = "o", "X"

_METHOD = list(AXES[1:])


class BarPlace(NamedTuple):
    """Place of a row of the figure: its panel and its height; both distributions are drawn around it."""

    axes: Axes
    height: float


@dataclass(frozen=True)
class MismatchBars:
    """:data:`METRIC` on the test split of model and sampler: one panel per data set, one row per method.

    A bar is the model's own distribution, the hollow marker under it the declared sampler. Whiskers are the 95 %
    t-interval over seeds; the dashed line is :data:`FLOOR`, the mismatch between training and test set. A note gives
    the reason if a method has no value. ``title`` is shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from summary.csv."""
        drawn = bars(inputs.table("summary"))
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        shown = {tuple(row) for row in drawn[_METHOD].to_numpy()}
        order = [method for method in reversed(inputs.methods()) if method in shown]
        with styled():
            save(_drawn(drawn, datasets, order, self.title), drawn, stem)


def _drawn(drawn: pd.DataFrame, datasets: Sequence[str], order: Sequence[Method], title: str) -> Figure:
    """Return the figure, with methods from the bottom up."""
    across = min(ACROSS, max(1, len(datasets)))
    down = max(1, -(-len(datasets) // across))
    figure = new_figure(WIDTH, down * (0.75 + 0.22 * len(order)) + 0.5, title)
    grid = figure.subplots(down, across, squeeze=False, sharey=True)
    for axes, dataset in zip(grid.flat, datasets, strict=False):
        _panel(axes, drawn[drawn["dataset"] == dataset], order, dataset)
    for axes in grid.flat[len(datasets) :]:
        axes.set_axis_off()
    figure.supxlabel(
        "mean mismatch of moments (standard deviations of the test samples), lower is better; "
        "dashed: training against test samples",
        fontsize=8,
    )
    _legend(figure, marked=bool(drawn["marks"].notna().any()))
    return figure


def bars(summary: pd.DataFrame) -> pd.DataFrame:
    """Return, per cell and distribution, mean and interval of :data:`METRIC`, seeds, failures, marks and the floor.

    The floor is a property of the data set; it is averaged over the methods that report it.
    """
    kept = ["distribution", "mean", "ci_low", "ci_high", "seeds", "failed", "failures", "marks", "beta"]
    test = summary[summary["split"] == "test"]
    rows = test[test["metric"] == METRIC][[*AXES, *kept]]
    floor = test[test["metric"] == FLOOR].groupby("dataset")["mean"].mean()
    return rows.assign(floor=rows["dataset"].map(floor)).reset_index(drop=True)


def _panel(axes: Axes, drawn: pd.DataFrame, order: Sequence[Method], dataset: str) -> None:
    axes.set_title(dataset)
    axes.set_yticks(range(len(order)), [method_label(*method) for method in order], fontsize=SMALL)
    for method, rows in drawn.groupby(_METHOD):
        distributions = {row["distribution"]: row for _, row in rows.iterrows()}
        _method(
            BarPlace(axes, order.index(method)), distributions.get(MODEL), distributions.get(SAMPLER), look(*method)
        )
    axes.axvline(drawn["floor"].iloc[0], color="black", linestyle="--", linewidth=1)
    axes.set_ylim(-0.6, len(order) - 0.4)
    _limit(axes, drawn)


def _limit(axes: Axes, drawn: pd.DataFrame) -> None:
    """Set the range of the axis, from 0 or logarithmic, with room for notes right of the bars."""
    values = pd.concat([drawn["mean"], drawn["floor"]])
    values = values[values > 0]
    if values.empty:
        return
    low, high = values.min(), max(values.max(), drawn["ci_high"].fillna(0).max())
    noted = ((drawn["failed"] > 0) & (drawn["seeds"] > 0)).any()
    if values.max() > WIDE * values.min():
        room = (high / low) ** 0.4 if noted else 1.3
        axes.set(xscale="log", xlim=(low / 2, high * room))
        log_scale(axes.xaxis)
    else:
        axes.set_xlim(0, high * (1.5 if noted else 1.05))


def _method(place: BarPlace, model: pd.Series | None, sampler: pd.Series | None, style: Look) -> None:
    if model is not None and model["seeds"]:
        place.axes.barh(place.height + BAR, model["mean"], height=HEIGHT, **style.of_bar())
        _whisker(place.axes, place.height + BAR, model)
    if sampler is not None and sampler["seeds"]:
        _whisker(place.axes, place.height + MARKER, sampler)
        shape = MARKED if pd.notna(sampler["marks"]) else PLAIN
        place.axes.plot(sampler["mean"], place.height + MARKER, **_hollow(shape, style.colour))
    _notes(place, model, sampler)


def _hollow(shape: str, colour: str) -> dict[str, Any]:
    size = 5.5 if shape == MARKED else 4.0
    look = {"marker": shape, "markersize": size, "markerfacecolor": "white", "markeredgecolor": colour}
    return look | {"markeredgewidth": 1.0, "linestyle": "none", "zorder": 4, "clip_on": False}


def _whisker(axes: Axes, height: float, row: pd.Series) -> None:
    half = row["ci_high"] - row["mean"]
    if pd.notna(half):
        for colour, width in (("white", 1.9), ("black", 0.8)):
            axes.errorbar(row["mean"], height, xerr=half, color=colour, capsize=2, linewidth=width)


def _notes(place: BarPlace, model: pd.Series | None, sampler: pd.Series | None) -> None:
    """Write the failures of both distributions as one note, or as two if they differ."""
    reported = {
        distribution: row["failures"]
        for distribution, row in ((MODEL, model), (SAMPLER, sampler))
        if row is not None and row["failed"]
    }
    if not reported:
        return
    same = len(reported) == 2 and reported[MODEL] == reported[SAMPLER]
    text = (
        reported[MODEL]
        if same
        else "\n".join(f"{distribution}: {failures}" for distribution, failures in reported.items())
    )
    # long notes beside the bars would take space from all panels
    text = text.replace(", ", ",\n")
    found = [row for row in (model, sampler) if row is not None and row["seeds"]]
    reach = max((row[["mean", "ci_high"]].max() for row in found), default=0.0)
    at, transform = (reach, place.axes.transData) if found else (0.0, place.axes.get_yaxis_transform())
    place.axes.annotate(
        text,
        (at, place.height),
        xycoords=transform,
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.5},
    )


def _legend(figure: Figure, marked: bool) -> None:
    handles = [
        Patch(facecolor=GREY, edgecolor="black", linewidth=0.6, label="model"),
        Line2D([], [], **_hollow(PLAIN, "black"), label="declared sampler"),
    ]
    if marked:
        label = "declared sampler, some runs unconverged or by an optimiser"
        handles.append(Line2D([], [], **_hollow(MARKED, "black"), label=label))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
