"""Summary of a grid before it runs: cells, runs, what is done, and the time that the rest will take. No torch."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from ebmbench.core.cells import Cell, Job, seeds_of
from ebmbench.planning import settings_schema
from ebmbench.planning.config import Grid

#: jobs of a block of seeds: training, sampling, scoring
JOBS = 3


class RunCost(NamedTuple):
    """What a run took on one core: seconds of ``training`` for its ``steps`` and ``evaluations``, and of the ``rest``.

    ``evaluations``: of energies and of gradients, added up.
    """

    training: float
    rest: float
    steps: float
    evaluations: float


#: columns of runs.csv that add up to each part of a cost
COLUMNS = (
    ("train.seconds",),
    ("train.checkpoint_seconds", "sampling.seconds"),
    ("train.steps",),
    ("train.energy_evaluations", "train.gradient_evaluations"),
)

#: costs of the runs that were committed, by cell
Costs = Mapping[Cell, RunCost]


def read_costs(tables: Iterable[Path]) -> dict[Cell, RunCost]:
    """Return the median cost of a run of each cell; earlier tables of runs take precedence over later ones."""
    found: dict[Cell, RunCost] = {}
    for path in tables:
        runs: dict[Cell, list[RunCost]] = {}
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                cell = Cell(row["dataset"], row["family"], row["loss"], row["stats"])
                runs.setdefault(cell, []).append(_cost(row))
        found = {cell: RunCost(*map(median, zip(*of_cell, strict=True))) for cell, of_cell in runs.items()} | found
    return found


def _cost(row: Mapping[str, str]) -> RunCost:
    return RunCost(*(sum(float(row.get(name) or 0) for name in names) for names in COLUMNS))


def seconds_of(cost: RunCost, train: Mapping[str, Any]) -> float:
    """Return how long a run takes whose settings of training are ``train``, by what another run of its method took.

    Training takes as long as its steps, or evaluations where these are its budget. With early stopping the other run
    may have had the same number before it stopped, so more steps are not expected to take longer.
    """
    asked, made = train.get("evaluations"), cost.evaluations
    if asked is None:
        asked, made = train.get("steps", settings_schema.of_stage("train")["steps"].default), cost.steps
    times = asked / made if made else 1.0
    return cost.rest + cost.training * (min(times, 1.0) if train.get("patience") else times)


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
        trained = {cell: settings["train"] for cell, settings in plan.settings.items()}
        minutes = sum(len(seeds_of(job.block)) * _seconds(job.cell, trained[job.cell], costs) for job in left) / 60
        known = sum(job.cell in costs for job in left)
        lines.append(
            f"time: about {minutes:.0f} core-minutes of training and sampling by the committed runs' costs, which "
            f"{known} of {len(left)} blocks of seeds have of the same cell; searches, experiments and tables are extra"
        )
    return lines


def _runs(jobs: Iterable[Job]) -> int:
    return sum(len(seeds_of(job.block)) for job in jobs)


def _seconds(cell: Cell, train: Mapping[str, Any], costs: Costs) -> float:
    return next(median(found) for found in _likened(cell, train, costs) if found)


def _likened(cell: Cell, train: Mapping[str, Any], costs: Costs) -> Iterator[list[float]]:
    yield [seconds_of(costs[cell], train)] if cell in costs else []
    yield [seconds_of(cost, train) for other, cost in costs.items() if other.method == cell.method]
    yield [cost.training + cost.rest for cost in costs.values()]
