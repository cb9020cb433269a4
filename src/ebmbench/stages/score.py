"""Score the runs of a job from its files: scores.csv and statistics.csv."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from torch import Tensor

from ebmbench.cells import Cell
from ebmbench.columns import SCORES, STATISTICS
from ebmbench.errors import UserError
from ebmbench.files import write_csv
from ebmbench.metrics import density_grid, likelihood, mismatch, sliced, two_sample
from ebmbench.metrics.base import Estimate
from ebmbench.metrics.table import SUMMARIES, metric, mismatch_name
from ebmbench.seeds import generator
from ebmbench.stages.contract import SPLITS, DataFiles, Outcome, RunFiles
from ebmbench.statistics.base import Statistic

#: estimates by split and metric
Estimates = dict[tuple[str, str], Estimate]
Row = dict[str, Any]


class Part(NamedTuple):
    """The metrics that rest on one thing, the density or the samples, how it came out, and what was found."""

    names: list[str]
    outcome: Outcome
    estimates: Estimates


def write(run_dir: Path, data_file: Path, statistics: Mapping[str, Statistic]) -> None:
    """Write scores.csv and statistics.csv into ``run_dir``."""
    scores, each = score(run_dir, data_file, statistics)
    write_csv(run_dir / "scores.csv", scores)
    write_csv(run_dir / "statistics.csv", each)


def score(run_dir: Path, data_file: Path, statistics: Mapping[str, Statistic]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(scores, statistics) of every seed of the job in ``run_dir``, with the columns of the two tables.

    ``data_file``: the data set's .safetensors, its .json beside it; ``statistics``: evaluation sets by name.
    A seed has a row for every metric that the data set allows: with a value where the run, its density or
    samples, and the number itself are sound, else with the status and the reason. Raises :class:`UserError`
    for files that do not fit the data set.
    """
    run, data = RunFiles(run_dir), DataFiles(data_file)
    if data.name != run.cell.dataset:
        raise UserError(f"{data_file}: data set {data.name}; allowed: {run.cell.dataset}, as in {run_dir}")
    scores, each = [], []
    for seed in run.seeds:
        density, (samples, statistics_rows) = _density(run, data, seed), _samples(run, data, seed, statistics)
        head = {**run.cell._asdict(), "seed": int(seed), "run": run.cell.run(int(seed))}
        scores += [head | row for part in (density, samples) for row in _score_rows(part)]
        each += [head | row for row in statistics_rows]
    table = pd.DataFrame(scores, columns=list(SCORES)).astype({"value": float, "stderr": float, "n": "Int64"})
    return table, pd.DataFrame(each, columns=list(STATISTICS))


def _score_rows(part: Part) -> list[Row]:
    keys = [(split, name) for name in part.names for split in metric(name).splits]
    return [_score_row(split, name, part.outcome, part.estimates.get((split, name))) for split, name in keys]


def _score_row(split: str, name: str, outcome: Outcome, estimate: Estimate | None) -> Row:
    row: Row = {"split": split, "metric": name, "value": None, "stderr": None, "n": None}
    if estimate is None:
        return row | outcome._asdict()
    if not (math.isfinite(estimate.value) and math.isfinite(estimate.stderr)):
        reason = f"{estimate.value:g} with standard error {estimate.stderr:g} (n = {estimate.n})"
        return row | {"status": "failed", "reason": reason}
    return row | estimate._asdict() | {"status": "ok", "reason": ""}


def _density(run: RunFiles, data: DataFiles, seed: str) -> Part:
    names, outcome = ["nll", "nll_trimmed"], run.outcome(seed, "likelihood")
    if data.grid is not None:
        names += density_grid.NAMES
        names += [density_grid.MODES] if data.grid.component is not None else []
    if outcome.status != "ok":
        return Part(names, outcome, {})
    sizes = {split: len(rows) for split, rows in data.rows(seed).items()}
    if data.grid is not None:
        sizes["grid"] = len(data.grid.log_p)
    at, log_z, stderr = run.density(seed, sizes)
    found: Estimates = {(split, "nll"): likelihood.nll(at[split] - log_z, stderr) for split in SPLITS}
    found["test", "nll_trimmed"] = likelihood.nll_trimmed(at["test"] - log_z, stderr)
    if data.grid is not None:
        distances = density_grid.density_grid(data.grid, at["grid"], log_z, stderr)
        found |= {("exact", name): estimate for name, estimate in distances.items()}
    return Part(names, outcome, found)


def _samples(run: RunFiles, data: DataFiles, seed: str, statistics: Mapping[str, Statistic]) -> tuple[Part, list[Row]]:
    names, outcome = [*two_sample.NAMES, sliced.NAME], run.outcome(seed, "samples")
    names += [mismatch_name(name, summary) for name in statistics for summary in SUMMARIES]
    if outcome.status != "ok":
        return Part(names, outcome, {}), []
    rows = data.rows(seed)
    samples, n_eff = run.samples(seed, rows["test"].shape[1]), run.n_eff(seed)
    if not samples.isfinite().all():
        return Part(names, Outcome("failed", "a sample is not finite"), {}), []
    found: Estimates = {
        ("test", name): estimate for name, estimate in _distances(run.cell, seed, samples, rows["test"], n_eff).items()
    }
    statistics_rows: list[Row] = []
    for name, statistic in statistics.items():
        sides = mismatch.sides(statistic, samples, rows["test"], rows["train"], n_eff)
        each = mismatch.mismatch(sides)
        stream = generator(run.cell.dataset, "score", int(seed), name)
        summaries = mismatch.summaries(sides, each, stream)
        found |= {("test", mismatch_name(name, key)): value for key, value in summaries.items()}
        statistics_rows += _statistics_rows(name, statistic.names(samples.shape[1]), each)
    return Part(names, outcome, found), statistics_rows


def _distances(cell: Cell, seed: str, samples: Tensor, test: Tensor, n_eff: float) -> dict[str, Estimate]:
    draws, rows = two_sample.subsets(samples, test, n_eff, generator(cell.dataset, "score", int(seed)))
    return two_sample.two_sample(draws, rows) | {sliced.NAME: sliced.sliced_wasserstein(draws, rows)}


def _statistics_rows(set_name: str, names: list[str], each: mismatch.Mismatch) -> list[Row]:
    kept, *columns = (column.tolist() for column in each)
    fields = each._fields[1:]
    return [
        {"set": set_name, "statistic": names[index], **dict(zip(fields, numbers, strict=True))}
        for index, *numbers in zip(kept, *columns, strict=True)
    ]
