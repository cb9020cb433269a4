"""Match ratios: mismatch of a set of statistics over its 95 % floor, by loss and moment-matching method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.columns import MODEL
from ebmbench.core.files import read_json
from ebmbench.evaluation.metrics.registry import mismatch_name
from ebmbench.reporting.comparison.moment_match_report import FLOOR, MISMATCH
from ebmbench.reporting.figures.interface import Inputs
from ebmbench.reporting.figures.matching_styles import METHOD_LOOKS
from ebmbench.reporting.figures.style import BLACK, GREY, SMALL, WIDTH, log_scale, new_figure, save, styled

__all__ = ["MatchRatios"]

#: most panels side by side
ACROSS = 3

#: inches per row of markers, one row per loss, and vertical distance of its moment-matching methods, in rows
HEIGHT, APART = 0.34, 0.14

#: font size of the text at the right edge, and the smallest distance of its lines, in rows
TINY, LINE = 5.5, 0.25

#: the family whose models consist of statistics alone, shown as one method however its parameters were found
ALONE = "expfam"


class Row(NamedTuple):
    """Ratio of one run, with its loss and moment-matching method ``arm``; NaN if there is none, with the ``status``."""

    dataset: str
    loss: str
    arm: str
    seed: int
    mismatch: float
    floor: float
    ratio: float
    status: str


@dataclass(frozen=True)
class MatchRatios:
    """Mismatch of fresh samples over its 95 % floor: panels are data sets, rows losses, markers matching methods.

    ``set``: an evaluation set; a cell is shown if its statistics are none or that set's. Markers are geometric means
    over seeds, thin lines span the smallest to the largest; left of 1 a difference is within sampling errors. If some
    seeds have no usable samples, the right edge shows how many have. ``title`` is shown above the panels.
    """

    title: str = ""
    set: str = "s1"

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from scores.csv and the runs' settings."""
        drawn = pd.DataFrame(_rows(inputs.table("scores"), _arms(inputs, self.set), self.set), columns=Row._fields)
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        losses = [loss for loss in dict.fromkeys(loss for _, loss, _ in inputs.methods()) if loss in set(drawn["loss"])]
        with styled():
            down = max(1, -(-len(datasets) // ACROSS))
            across = max(1, -(-len(datasets) // down))
            figure = new_figure(WIDTH, down * (0.7 + HEIGHT * max(4, len(losses))) + 0.5, self.title)
            grid = figure.subplots(down, across, squeeze=False, sharey=True, sharex=True)
            for axes, dataset in zip(grid.flat, datasets, strict=False):
                _panel(axes, drawn[drawn["dataset"] == dataset], losses)
                axes.set_title(dataset)
            _limits(grid.flat[0], drawn["ratio"])
            for axes in grid.flat[len(datasets) :]:
                axes.set_axis_off()
            figure.supxlabel(
                f"mismatch of {self.set} over its 95 % floor; within sampling errors if at most 1 (lower is better)",
                fontsize=8,
            )
            _legend(figure, [arm for arm in METHOD_LOOKS if arm in set(drawn["arm"])])
            save(figure, drawn, stem)


def _arms(inputs: Inputs, name: str) -> dict[Cell, str]:
    """Return the moment-matching method of every cell shown."""
    found = {}
    for cell, folders in inputs.cells().items():
        stats = read_json(folders[0] / "run.json")["settings"]["stats"]
        kind = stats.get("kind", cell.stats)
        if kind == "none" or stats.get("set") == name:
            found[cell] = ALONE if cell.family == ALONE else kind
    return found


def _rows(scores: pd.DataFrame, arms: Mapping[Cell, str], name: str) -> list[Row]:
    of_model = scores[scores["distribution"] == MODEL]
    sides = {side: of_model[of_model["metric"] == mismatch_name(name, side)] for side in (MISMATCH, FLOOR)}
    both = sides[MISMATCH].merge(sides[FLOOR], on=[*AXES, "seed"], suffixes=("", "_floor"))
    rows = []
    for row in both.to_dict("records"):
        cell = Cell(*(row[axis] for axis in AXES))
        if cell in arms:
            value, floor = row["value"], row["value_floor"]
            rows.append(
                Row(cell.dataset, cell.loss, arms[cell], row["seed"], value, floor, value / floor, row["status"])
            )
    return rows


def _panel(axes: Axes, drawn: pd.DataFrame, losses: Sequence[str]) -> None:
    axes.axvline(1, color=BLACK, linewidth=0.8)
    axes.axvspan(1e-6, 1, color=GREY, alpha=0.15, linewidth=0)
    for (loss, arm), every in drawn.groupby(["loss", "arm"]):
        rows = every.dropna(subset=["ratio"])
        if rows.empty:
            continue
        look, middle = METHOD_LOOKS[arm], rows["ratio"].prod() ** (1 / len(rows))
        height = _row_of(loss, losses) + _offset(arm)
        axes.plot([rows["ratio"].min(), rows["ratio"].max()], [height, height], color=look.colour, linewidth=0.8)
        axes.plot(middle, height, color=look.colour, marker=look.marker, markersize=3, linestyle="none")
    for loss, of_loss in drawn.groupby("loss"):
        _count_failed(axes, of_loss, _row_of(loss, losses))
    axes.set_yticks(range(len(losses)), list(reversed(losses)), fontsize=SMALL)
    axes.set(xscale="log", ylim=(-0.6, len(losses) - 0.4))


def _row_of(loss: str, losses: Sequence[str]) -> int:
    """Return the height of a loss: the first is on top."""
    return len(losses) - 1 - losses.index(loss)


def _offset(arm: str) -> float:
    """Return the distance of a method's marker above the middle of its row."""
    order = list(METHOD_LOOKS)
    return APART * ((len(order) - 1) / 2 - order.index(arm))


def _count_failed(axes: Axes, of_loss: pd.DataFrame, row: int) -> None:
    """Write at the right edge, one line per method with failed seeds, how many seeds have a ratio."""
    found = of_loss.groupby("arm")["ratio"].agg(["count", "size"])
    failed = [arm for arm in METHOD_LOOKS if arm in found.index and found.loc[arm, "count"] < found.loc[arm, "size"]]
    for line, arm in enumerate(failed):
        axes.text(
            0.99,
            row + LINE * ((len(failed) - 1) / 2 - line),
            f"{arm}: {found.loc[arm, 'count']} of {found.loc[arm, 'size']}",
            color=METHOD_LOOKS[arm].colour,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=TINY,
        )


def _limits(axes: Axes, ratios: pd.Series) -> None:
    """Set the limits of the axis that all panels share."""
    least, most = ratios.min(), ratios.max()
    axes.set_xlim(min(0.5, least / 1.3) if least > 0 else 0.5, max(3.0, most * 1.3) if most > 0 else 3.0)
    log_scale(axes.xaxis)


def _legend(figure: Figure, arms: Sequence[str]) -> None:
    handles = [
        Line2D(
            [],
            [],
            color=METHOD_LOOKS[arm].colour,
            marker=METHOD_LOOKS[arm].marker,
            markersize=4,
            linewidth=0.8,
            label=arm,
        )
        for arm in arms
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=max(1, len(handles)))
