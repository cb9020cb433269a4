"""How far the samples' moments are from those of the test rows, beside what an exact match would reach."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.cells import AXES
from ebmbench.figures.style import SMALL, WIDTH, Look, log_scale, look, new_figure, save, styled
from ebmbench.tables import method_label

METRIC, FLOOR = "moments_mismatch_mean", "moments_mismatch_floor"

#: panels side by side
ACROSS = 3

#: largest over smallest value from which an axis is logarithmic
WIDE = 30.0

_METHOD = list(AXES[1:])


def mismatch_bars(summary: pd.DataFrame, stem: Path) -> None:
    """Bars of :data:`METRIC` on the test split, one panel a data set, one bar a method.

    ``summary`` is that of :func:`ebmbench.tables.summarise`. Whiskers are the 95 % t-interval over seeds; the
    dashed line is :data:`FLOOR`, the mismatch between train and test rows. A method without a value says why.
    """
    drawn = bars(summary)
    datasets = sorted(set(drawn["dataset"]))
    methods = {tuple(row) for row in drawn[_METHOD].to_numpy()}
    order = sorted(methods, key=lambda method: method_label(*method), reverse=True)
    across = min(ACROSS, max(1, len(datasets)))
    down = max(1, -(-len(datasets) // across))
    with styled():
        figure = new_figure(WIDTH, down * (0.75 + 0.17 * len(order)) + 0.25)
        grid = figure.subplots(down, across, squeeze=False, sharey=True)
        for axes, dataset in zip(grid.flat, datasets, strict=False):
            _panel(axes, drawn[drawn["dataset"] == dataset].set_index(_METHOD), order, dataset)
        for axes in grid.flat[len(datasets) :]:
            axes.set_axis_off()
        figure.supxlabel(
            "mean mismatch of moments (standard deviations of the test rows), lower is better; "
            "dashed: train rows against test rows",
            fontsize=8,
        )
        save(figure, drawn, stem)


def bars(summary: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: mean and interval of :data:`METRIC`, seeds, failures, and the data set's floor.

    The floor is a property of the rows; it is averaged over the methods that report it.
    """
    kept = ["mean", "ci_low", "ci_high", "seeds", "failed", "failures"]
    test = summary[summary["split"] == "test"]
    rows = test[test["metric"] == METRIC][[*AXES, *kept]]
    floor = test[test["metric"] == FLOOR].groupby("dataset")["mean"].mean()
    return rows.assign(floor=rows["dataset"].map(floor)).reset_index(drop=True)


def _panel(axes: Axes, drawn: pd.DataFrame, order: list[tuple[str, ...]], dataset: str) -> None:
    axes.set_title(dataset)
    axes.set_yticks(range(len(order)), [method_label(*method) for method in order], fontsize=SMALL)
    for place, method in enumerate(order):
        if method in drawn.index:
            _bar(axes, place, drawn.loc[method], look(*method))
    axes.axvline(drawn["floor"].iloc[0], color="black", linestyle="--", linewidth=1)
    axes.set_ylim(-0.6, len(order) - 0.4)
    _limit(axes, drawn)


def _limit(axes: Axes, drawn: pd.DataFrame) -> None:
    """The range of the values, from 0 or logarithmic, with room for notes right of the bars."""
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


def _bar(axes: Axes, place: int, row: pd.Series, style: Look) -> None:
    if row["seeds"]:
        axes.barh(place, row["mean"], height=0.75, **style.of_bar())
        _whisker(axes, place, row)
    if row["failed"]:
        _note(axes, place, row)


def _whisker(axes: Axes, place: int, row: pd.Series) -> None:
    half = row["ci_high"] - row["mean"]
    if pd.notna(half):
        for colour, width in (("white", 2.4), ("black", 0.9)):
            axes.errorbar(row["mean"], place, xerr=half, color=colour, capsize=2, linewidth=width)


def _note(axes: Axes, place: int, row: pd.Series) -> None:
    """The failures, right of the bar, or at the left edge where there is none."""
    reach = row[["mean", "ci_high"]].max()
    at, transform = (reach, axes.transData) if row["seeds"] else (0.0, axes.get_yaxis_transform())
    axes.annotate(
        row["failures"],
        (at, place),
        xycoords=transform,
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.5},
    )
