"""Pareto fronts: fit of each method against its training cost in evaluations and seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from ebmbench.core.cells import AXES
from ebmbench.core.columns import MODEL
from ebmbench.core.errors import UserError
from ebmbench.reporting.figures.courses import EVALUATIONS, LEAST, SECONDS, legend, legend_height
from ebmbench.reporting.figures.interface import Inputs, Method
from ebmbench.reporting.figures.style import BLACK, SMALL, WIDTH, Look, log_scale, looks, new_figure, save, styled

__all__ = ["Pareto"]

#: quality measures in order of preference: a data set uses the first that it has; metric, split, label
QUALITIES = (("kl", "exact", "KL(data || model) (nats)"), ("nll", "test", "test NLL (nats)"))

#: column of costs -> label
COSTS = {"evaluations": EVALUATIONS.label, "seconds": SECONDS.label}

#: smallest ratio of the ends of a cost axis, so that nearly equal budgets do not look different
SPAN = 8.0

#: inches of a data set's panels
HIGH = 2.2

_METHOD = list(AXES[1:])


@dataclass(frozen=True)
class Pareto:
    """Two panels per data set: exact KL divergence, or else test NLL, over the training's evaluations and seconds.

    A point is a method: means over the seeds with status ok, whiskers the 95 % Student-t interval. The stairs join the
    methods that no other beats in both; a method with a seed without a value is not among them, and has the number of
    these at its point. Methods with zero cost are not drawn, so a method without evaluations appears
    only in the panel of seconds. Divergences below 1e-5 are rounding errors and are not drawn either. ``title`` is
    shown above the panels.
    """

    title: str = ""

    def __call__(self, inputs: Inputs, stem: Path) -> None:
        """Draw from summary.csv and runs.csv; raises :class:`UserError` if no data set has a likelihood."""
        shown = set(inputs.plain_cells())
        drawn = points(inputs.table("summary"), inputs.table("runs"))
        plain = pd.Series([tuple(row) in shown for row in drawn[list(AXES)].to_numpy()], dtype=bool)
        drawn = drawn[plain].reset_index(drop=True)
        datasets = [name for name in inputs.datasets() if name in set(drawn["dataset"])]
        if not datasets:
            raise UserError("figure pareto: no cell has a KL divergence or a likelihood; at least one is needed")
        found = {tuple(row) for row in drawn[drawn["seconds"] > 0][_METHOD].to_numpy()}
        styles = looks(method for method in inputs.methods() if method in found)
        with styled():
            figure = new_figure(WIDTH, HIGH * len(datasets) + legend_height(styles), self.title)
            grid = figure.subplots(len(datasets), len(COSTS), squeeze=False, sharey="row")
            for line, dataset in zip(grid, datasets, strict=True):
                for axes, cost in zip(line, COSTS, strict=True):
                    _panel(axes, drawn[drawn["dataset"] == dataset], cost, styles)
                    axes.set_title(dataset)
                line[0].set_ylabel(f"{drawn[drawn['dataset'] == dataset]['label'].iloc[0]}\nlower is better")
            legend(figure, styles)
            save(figure, drawn, stem)


def points(summary: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell with a quality: mean, interval, mean costs, seeds, failures, membership of the fronts."""
    distribution = summary[(summary["distribution"] == MODEL) & (summary["seeds"] > 0)]
    tables = [
        distribution[(distribution["metric"] == metric) & (distribution["split"] == split)].assign(label=label)
        for metric, split, label in QUALITIES
    ]
    first = pd.concat(tables)
    best = first.groupby("dataset")["label"].transform("first")
    rows = first[first["label"] == best][[*AXES, "label", "mean", "ci_low", "ci_high", "seeds", "failed", "failures"]]
    rows = rows[(rows["label"] != QUALITIES[0][2]) | (rows["mean"] > LEAST)]
    ok = runs[runs["status"] == "ok"]
    spent = pd.DataFrame(
        {
            "evaluations": ok["train.energy_evaluations"] + ok["train.gradient_evaluations"],
            "seconds": ok["train.seconds"],
        }
    )
    costs = ok[list(AXES)].join(spent).groupby(list(AXES), as_index=False).mean()
    table = rows.merge(costs, on=list(AXES)).sort_values(list(AXES), ignore_index=True)
    for cost in COSTS:
        table[f"front_{cost}"] = False
        for _, group in table.groupby("dataset"):
            table.loc[front(group, cost).index, f"front_{cost}"] = True
    return table


def front(rows: pd.DataFrame, cost: str) -> pd.DataFrame:
    """Return the Pareto front by ascending cost: rows for which no row of at most the same cost has a lower mean.

    A mean of the seeds that did not fail is in no front and beats none.
    """
    paid = rows[(rows[cost] > 0) & (rows["failed"] == 0)].sort_values([cost, "mean"])
    return paid[paid["mean"] < paid["mean"].cummin().shift(fill_value=float("inf"))]


def _panel(axes: Axes, rows: pd.DataFrame, cost: str, styles: dict[Method, Look]) -> None:
    axes.set_xscale("log")
    if rows["label"].iloc[0] == QUALITIES[0][2]:
        axes.set_yscale("log")
    for row in rows[rows[cost] > 0].to_dict("records"):
        whiskers = [[max(row["mean"] - row["ci_low"], 0)], [max(row["ci_high"] - row["mean"], 0)]]
        style = styles[tuple(row[name] for name in _METHOD)].of_line() | {"linestyle": "none"}
        axes.errorbar([row[cost]], [row["mean"]], yerr=whiskers, **style, elinewidth=0.8, capsize=2)
        if row["failed"]:
            point = (row[cost], row["mean"])
            axes.annotate(
                row["failures"], point, (-5, 0), textcoords="offset points", ha="right", va="center", fontsize=SMALL
            )
    stairs = front(rows, cost)
    axes.step(stairs[cost], stairs["mean"], where="post", color=BLACK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)
    axes.set_xlabel(f"{COSTS[cost]}, fewer is better")
    low, high = axes.get_xlim()
    if high < SPAN * low:
        middle = math.sqrt(low * high)
        axes.set_xlim(middle / math.sqrt(SPAN), middle * math.sqrt(SPAN))
    log_scale(axes.xaxis)
