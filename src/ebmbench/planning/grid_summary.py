"""Summary of a grid before it runs: cells, runs, what is done, and the time that the rest will take. No torch."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from ebmbench.core.cells import Cell, Job, seeds_of
from ebmbench.planning.config import Grid

#: columns of runs.csv that add up to a run's seconds on one core
SECONDS = ("train.seconds", "train.checkpoint_seconds", "sampling.seconds")

#: jobs of a block of seeds: training, sampling, scoring
JOBS = 3

#: cost in seconds of the runs that were committed, by cell
Costs = Mapping[Cell, float]


def read_costs(tables: Iterable[Path]) -> dict[Cell, float]:
    """Return the median seconds of a run of each cell; earlier tables of runs take precedence over later ones."""
    found: dict[Cell, float] = {}
    for path in tables:
        seconds: dict[Cell, list[float]] = {}
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                cell = Cell(row["dataset"], row["family"], row["loss"], row["stats"])
                seconds.setdefault(cell, []).append(sum(float(row.get(name) or 0) for name in SECONDS))
        found = {cell: median(of_runs) for cell, of_runs in seconds.items()} | found
    return found


def at_rung(costs: Costs, plan: Grid, rung: int) -> dict[Cell, float]:
    """Return the ``costs`` of runs without rungs as they are at ``rung``, which multiplies those of searched cells."""
    methods = {(cell.family, cell.loss, cell.stats) for cell in plan.spaces}
    return {cell: seconds * (rung if cell[1:] in methods else 1) for cell, seconds in costs.items()}


def summary_lines(plan: Grid, config: Mapping[str, Any], costs: Costs) -> list[str]:
    """Return what a grid is, what of it is done, and how long the rest takes by the committed ``costs``.

    A cell without a cost takes as long as the same method on other data sets, else as the median of all cells.
    """
    left = [job for job in plan.jobs if not (job.folder(config["results"]) / "scores.csv").is_file()]
    datasets = {cell.dataset for cell in plan.settings}
    lines = [
        f"grid: data sets {len(datasets)}, cells {len(plan.settings)}, runs {_runs(plan.jobs)}, "
        f"skipped combinations {len(plan.skipped)}",
        f"to do: runs {_runs(left)}, jobs that train, sample or score them {JOBS * len(left)}; and all whose settings, "
        "code or data changed",
    ]
    if left and costs:
        minutes = sum(len(seeds_of(job.block)) * _seconds(job.cell, costs) for job in left) / 60
        known = sum(job.cell in costs for job in left)
        lines.append(
            f"time: about {minutes:.0f} core-minutes of training and sampling by the committed runs' costs, which "
            f"{known} of {len(left)} blocks of seeds have of the same cell; searches, experiments and tables are extra"
        )
    return lines


def _runs(jobs: Iterable[Job]) -> int:
    return sum(len(seeds_of(job.block)) for job in jobs)


def _seconds(cell: Cell, costs: Costs) -> float:
    return next(median(found) for found in _likened(cell, costs) if found)


def _likened(cell: Cell, costs: Costs) -> Iterator[list[float]]:
    yield [costs[cell]] if cell in costs else []
    yield [seconds for other, seconds in costs.items() if other.method == cell.method]
    yield list(costs.values())
