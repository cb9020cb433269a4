"""The picture of a committed run: how far each method is from the best one on each data set, by its main metric."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.core.csv_schema import read_typed
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.columns import Column, columns_of, heading
from ebmbench.reporting.comparison.distance import losses, scale_of
from ebmbench.reporting.comparison.method_label import method_label
from ebmbench.reporting.comparison.ranking import Method

#: the largest distances of all colours but the last: factors of the best, and differences in the metric's unit
FACTORS = (1.25, 2.0, 5.0, 20.0)
DIFFERENCES = (0.1, 0.3, 1.0, 3.0)

_METHOD = list(AXES[1:])


class Cell(NamedTuple):
    """A method on a data set: ``mean`` and ``distance`` are None without a value, ``colour`` counts from the best, 0.

    ``failed`` of ``runs`` have no value; ``tied`` is whether the method is statistically tied with the best or the
    best itself, ``best`` whether distances are to it.
    """

    mean: float | None
    distance: float | None
    colour: int | None
    failed: int
    runs: int
    tied: bool
    best: bool


class DataSet(NamedTuple):
    """A column of the picture: a data set, the metric that its table is sorted by, and the cells of its methods."""

    name: str
    column: Column
    cells: dict[Method, Cell]

    def shown(self) -> dict[str, object]:
        """Return what the page shows at the head of the column."""
        names = {"heading": heading(self.column), "ratio": scale_of(self.column.metric).ratio}
        return {"name": self.name, **self.column._asdict(), **names}


def overview(results: Path) -> list[dict[str, object]]:
    """Return the pictures of all committed runs as JSON objects, first the one with the most methods on all its sets.

    Each has the name of its ``grid``, its ``datasets``, and ``methods`` with one cell per data set, null where the
    method did not run.
    """
    found = {grid: _data_sets(results / "reference" / grid) for grid in grids(results / "reference")}
    order = sorted(found, key=lambda grid: _complete(found[grid]), reverse=True)
    return [
        {"grid": grid, "datasets": [of.shown() for of in found[grid]], "methods": _methods(found[grid])}
        for grid in order
    ]


def _data_sets(folder: Path) -> list[DataSet]:
    summary, scores = read_typed(folder / "summary.csv"), read_typed(folder / "scores.csv")
    trained = summary[summary["loss"] != "none"]
    found = []
    for name, rows in trained.groupby("dataset", sort=True):
        for column in columns_of(rows)[:1]:
            tied = best_methods(scores[scores["dataset"] == name], column)
            found.append(DataSet(str(name), column, cells(rows, column, tied)))
    return found


def cells(summary: pd.DataFrame, column: Column, tied: set[Method]) -> dict[Method, Cell]:
    """Return the cells of one data set from its summary, given the group of the best.

    Distances are between means over seeds, on the metric's scale, to the best method among those with the smallest
    fraction of failures: a method cannot become the best by failing.
    """
    rows = column.rows(summary).set_index(_METHOD)
    means = rows["mean"].astype(float).where(rows["seeds"] > 0, math.inf).fillna(math.inf)
    loss = losses(means.to_frame(), column.metric).iloc[:, 0]
    failed = rows["failed"] / (rows["failed"] + rows["seeds"])
    complete = loss[(failed == failed.min()) & (loss < math.inf)]
    candidates = complete if len(complete) else loss[loss < math.inf]
    best = candidates.idxmin() if len(candidates) else None
    found = {}
    for name, row in rows.iterrows():
        counts = (int(row["failed"]), int(row["failed"] + row["seeds"]), name in tied, name == best)
        known = math.isfinite(loss[name])
        distance = float(loss[name] - loss[best]) if known else None
        mean = float(row["mean"]) if known else None
        found[name] = Cell(mean, distance, _colour(distance, column.metric), *counts)
    return found


def _colour(distance: float | None, metric: str) -> int | None:
    if distance is None:
        return None
    ends = [math.log(factor) for factor in FACTORS] if scale_of(metric).ratio else DIFFERENCES
    return sum(distance > end for end in ends)


def _methods(datasets: list[DataSet]) -> list[dict[str, object]]:
    """Return the rows of the picture: methods on the most data sets first, then by their mean colour."""
    names = {name for of in datasets for name in of.cells}

    def place(name: Method) -> tuple[int, float, Method]:
        own = [of.cells[name].colour for of in datasets if name in of.cells]
        # a method without a value is behind the last colour
        return -len(own), sum(len(FACTORS) + 1 if each is None else each for each in own) / len(own), name

    return [
        {
            **dict(zip(_METHOD, name, strict=True)),
            "label": method_label(*name),
            "cells": [of.cells[name]._asdict() if name in of.cells else None for of in datasets],
        }
        for name in sorted(names, key=place)
    ]


def _complete(datasets: list[DataSet]) -> int:
    """Return the number of cells of the methods that ran on every data set."""
    everywhere = set.intersection(*(set(of.cells) for of in datasets)) if datasets else set()
    return len(everywhere) * len(datasets)
