"""Scores of the base alone, the model and its sampler: the gain from the energy and the effect of the sampler."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ebmbench.core.cells import AXES
from ebmbench.core.columns import BASE, MODEL, SAMPLER
from ebmbench.core.errors import UserError, allowed_names
from ebmbench.evaluation.metrics.registry import FID, feature_name, metric
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.style import BLACK, GREY, SMALL, WIDTH, Look, log_scale, looks, new_figure, save, styled

__all__ = ["BaseAndEnergy"]

#: panels side by side
ACROSS = 3

#: largest over smallest value from which an axis is logarithmic
WIDE = 10.0

#: largest upper end of an interval that the axis shows, as a multiple of the largest value
LONG = 2.0

#: height of each distribution's marker above the middle of a row, in rows
HEIGHTS = {BASE: 0.24, MODEL: 0.0, SAMPLER: -0.24}

LABELS = {BASE: "base alone", MODEL: "model", SAMPLER: "declared sampler"}

_METHOD = list(AXES[1:])


@dataclass(frozen=True)
class BaseAndEnergy:
    """One panel per data set, one row per method whose family has a base; markers are distributions.

    ``metric`` on ``split``: means over seeds, whiskers 95 % t-intervals. Grey cross: the base alone; filled marker:
    the model; open marker: samples of its declared sampler. Dashed: the value for the data themselves, training
    against test set, if it is known. A note gives the reason if a distribution has no value. ``title`` is shown above
    the panels.
    """

    title: str = ""
    metric: str = "fd_cnn"
    split: str = "test"

    def __post_init__(self) -> None:
        allowed = metric(self.metric).splits
        if self.split not in allowed:
            raise ValueError(f"split = {self.split!r} of {self.metric}; {allowed_names(self.split, allowed)}")

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from summary.csv; raises :class:`UserError` if no base has the metric."""
        drawn = self._scores(inputs.table("summary"))
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        shown = {tuple(row) for row in drawn[_METHOD].to_numpy()}
        order = [method for method in reversed(inputs.methods()) if method in shown]
        with styled():
            save(self._sheet(drawn, datasets, order), drawn, stem)

    def _scores(self, summary: pd.DataFrame) -> pd.DataFrame:
        """Return one row per cell and distribution, for families with a base; ``floor``: the data's own value."""
        here = summary[summary["split"] == self.split]
        rows = here[here["metric"] == self.metric]
        based = rows[rows["distribution"] == BASE]["family"].unique()
        if not len(based):
            reported = sorted(set(summary[summary["distribution"] == BASE]["metric"]))
            names = allowed_names(self.metric, reported, "none, no method has its own base")
            raise UserError(f"figure base_and_energy: no base is scored by metric = {self.metric!r}; {names}")
        columns = ["distribution", "mean", "ci_low", "ci_high", "seeds", "failed", "failures", "marks"]
        scores = rows[rows["family"].isin(based)][[*AXES, *columns]].reset_index(drop=True)
        floor = scores["dataset"].map(self._floor(here, based))
        return scores.assign(floor=floor, metric=self.metric, split=self.split)

    def _floor(self, scores: pd.DataFrame, families: Collection[str]) -> pd.Series:
        """Return the floor by data set: for a Frechet distance the families' own, otherwise the oracle's value."""
        distance, _, extractor = ("fd_inception" if self.metric == FID else self.metric).partition("_")
        # the floor for the same number of samples, because fewer samples raise it
        own = (scores["metric"] == feature_name("floor", extractor)) & scores["family"].isin(families)
        of_oracle = (
            (scores["metric"] == self.metric) & (scores["family"] == "oracle") & (scores["distribution"] == MODEL)
        )
        return scores[own if distance == "fd" else of_oracle].groupby("dataset")["mean"].mean()

    def _sheet(self, drawn: pd.DataFrame, datasets: Sequence[str], order: Sequence[Method]) -> Figure:
        """Return the figure, with methods from the bottom up."""
        across = min(ACROSS, len(datasets))
        down = -(-len(datasets) // across)
        figure = new_figure(WIDTH, down * (0.6 + 0.38 * len(order)) + 0.5, self.title)
        grid = figure.subplots(down, across, squeeze=False, sharey=True)
        drawing = looks(reversed(order))
        for axes, name in zip(grid.flat, datasets, strict=False):
            axes.set_title(name)
            axes.set_yticks(range(len(order)), [method_label(*method) for method in order], fontsize=SMALL)
            axes.set_ylim(-0.6, len(order) - 0.4)
            axes.tick_params(axis="y", length=0)
            _panel(axes, drawn[drawn["dataset"] == name], order, drawing)
        for axes in grid.flat[len(datasets) :]:
            axes.set_axis_off()
        figure.supxlabel(_label(self.metric, self.split), fontsize=8)
        figure.legend(handles=_handles(bool(drawn["floor"].notna().any())), loc="outside upper center", ncols=4)
        return figure


def _label(name: str, split: str) -> str:
    entry = metric(name)
    better = "" if entry.direction == "none" else f", {entry.direction} is better"
    return f"{name}{entry.in_brackets} on the {split} samples{better}; whiskers: 95 % interval over seeds"


def _panel(axes: Axes, drawn: pd.DataFrame, order: Sequence[Method], drawing: Mapping[Method, Look]) -> None:
    for place in range(len(order) - 1):
        axes.axhline(place + 0.5, color=GREY, linewidth=0.3)
    for method, rows in drawn.groupby(_METHOD):
        row = order.index(method)
        known = rows[rows["seeds"] > 0].set_index("distribution")
        path = known.reindex([distribution for distribution in HEIGHTS if distribution in known.index])
        axes.plot(
            path["mean"],
            [row + HEIGHTS[distribution] for distribution in path.index],
            color=GREY,
            linewidth=0.6,
            zorder=1,
        )
        for distribution, one in path.iterrows():
            _marker(axes, row + HEIGHTS[str(distribution)], one, _style(str(distribution), drawing[method]))
        _notes(axes, row, rows)
    floor = drawn["floor"].iloc[0]
    if not math.isnan(floor):
        axes.axvline(floor, color=BLACK, linestyle="--", linewidth=1)
    _limit(axes, drawn)


def _style(distribution: str, own: Look) -> dict[str, Any]:
    if distribution == BASE:
        return {"color": GREY, "marker": "x", "markeredgewidth": 1.3}
    face = own.colour if distribution == MODEL else "white"
    return {"color": own.colour, "marker": own.marker, "markerfacecolor": face, "markersize": 5.5}


def _marker(axes: Axes, height: float, row: pd.Series, style: Mapping[str, Any]) -> None:
    half = row["ci_high"] - row["mean"]
    error = None if pd.isna(half) else half
    axes.errorbar(row["mean"], height, xerr=error, **style, linestyle="none", capsize=2, elinewidth=0.9, zorder=3)


def _notes(axes: Axes, row: int, rows: pd.DataFrame) -> None:
    """Write the failures at the right of the panel, only once if they are the same for all distributions."""
    reported = {one["distribution"]: one["failures"] for _, one in rows.iterrows() if one["failed"]}
    same = len(reported) == len(rows) and len(set(reported.values())) == 1
    for distribution, text in {MODEL: next(iter(reported.values()))}.items() if same else reported.items():
        place = (0.99, row + HEIGHTS[distribution])
        box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.5}
        axes.annotate(
            text, place, xycoords=axes.get_yaxis_transform(), ha="right", va="center", fontsize=SMALL, bbox=box
        )


def _limit(axes: Axes, drawn: pd.DataFrame) -> None:
    """Set a logarithmic axis if values spread widely, else one from 0; intervals of few seeds may extend beyond it."""
    values = pd.concat([drawn["mean"], drawn["floor"]]).dropna()
    if values.empty:
        axes.set_xticks([])
        return
    high = max(values.max(), min(drawn["ci_high"].fillna(0.0).max(), LONG * values.max()))
    if values.min() > 0 and values.max() > WIDE * values.min():
        axes.set(xscale="log", xlim=(values.min() / 1.6, 1.3 * high))
        log_scale(axes.xaxis)
    else:
        axes.set_xlim(min(0.0, 1.05 * values.min()), 1.08 * high)


def _handles(floor: bool) -> list[Line2D]:
    plain = Look(BLACK, "o", "", "solid", True)
    handles = [
        Line2D([], [], linestyle="none", **_style(distribution, plain), label=label)
        for distribution, label in LABELS.items()
    ]
    if floor:
        handles.append(Line2D([], [], color=BLACK, linestyle="--", linewidth=1, label="data against data"))
    return handles
