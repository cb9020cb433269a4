"""Stage that scores the runs of a job from its files: scores.csv and statistics.csv."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ebmbench.core.cells import Cell
from ebmbench.core.columns import MODEL, SCORES, STATISTICS
from ebmbench.core.errors import UserError
from ebmbench.core.files import write_csv
from ebmbench.core.seeds import generator
from ebmbench.evaluation import latent_scores, statistic_scores
from ebmbench.evaluation.contract import RECONSTRUCTION, RunFiles, RunOutcome
from ebmbench.evaluation.data_files import DataFiles
from ebmbench.evaluation.distributions import Distribution, distributions
from ebmbench.evaluation.metrics import data_z, kale, manifold, mode_fractions, sliced, two_sample
from ebmbench.evaluation.metrics.equal_numbers import ComparedRows
from ebmbench.evaluation.metrics.estimate import Estimate
from ebmbench.evaluation.metrics.registry import metric, mismatch_name
from ebmbench.evaluation.metrics.two_sample import Ground
from ebmbench.evaluation.sample_size import sample_size, too_few
from ebmbench.evaluation.statistic_scores import Set
from ebmbench.models.statistics.interface import Definition
from ebmbench.workflow.stages import density_scores
from ebmbench.workflow.stages.density_scores import RELATIVE, WORTHLESS, Estimates, Row, ScoreTables, normalised

#: outcome of metrics that need the density on the grid, for a tool that does not give it
NO_GRID = RunOutcome("failed", "a log-density at the grid is missing")


class ReferenceRows(NamedTuple):
    """Test examples as distances use them: at most 2,000 for unbiased ones, ``size`` at a time for biased ones."""

    ground: Ground
    projected: ComparedRows
    size: int

    @classmethod
    def of(cls, cell: Cell, seed: str, rows: Mapping[str, Tensor]) -> ReferenceRows:
        """Choose the examples, the same for all methods and distributions of a seed."""
        along, n = sliced.projected(rows["test"]), len(rows["test"])
        projected = ComparedRows.of(along, n, _stream(cell, seed, "equal test"))
        return cls(Ground(two_sample.some(rows["test"], _stream(cell, seed))), projected, sample_size(rows))


def write_scores(run_dir: Path, data_file: Path, statistics: Mapping[str, Definition]) -> None:
    """Score the job in ``run_dir`` and write scores.csv and statistics.csv there."""
    scores, each = score(run_dir, data_file, statistics)
    write_csv(run_dir / "scores.csv", scores)
    write_csv(run_dir / "statistics.csv", each)


def score(run_dir: Path, data_file: Path, statistics: Mapping[str, Definition]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (scores, statistics) of every seed of the job in ``run_dir``, with the columns of the two tables.

    ``data_file``: the data set's .safetensors, with its .json next to it; ``statistics``: evaluation sets by name.
    Each seed has a row for every metric that the data set allows; sample-based metrics have one row for the model's
    distribution and one for the sampler's. A row has a value if the run, its density or samples, and the number itself
    are valid, else the status and the reason. Raises :class:`UserError` for files that do not fit the data set.
    """
    run, data = RunFiles(run_dir), DataFiles(data_file)
    if data.name != run.cell.dataset:
        raise UserError(f"{data_file}: data set {data.name}; allowed: {run.cell.dataset}, as in {run_dir}")
    scores, each = [], []
    for seed in run.seeds:
        head = {**run.cell._asdict(), "seed": int(seed), "run": run.cell.run(int(seed))}
        rows, statistics_rows = _of_seed(run, data, seed, statistics)
        scores += [head | row for row in rows]
        each += [head | row for row in statistics_rows]
    return numbered(pd.DataFrame(scores, columns=list(SCORES))), pd.DataFrame(each, columns=list(STATISTICS))


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Convert rows of scores.csv to the types of its columns."""
    return table.astype({"beta": float, "value": float, "stderr": float, "n": "Int64", "log_z_stderr": float})


def _of_seed(
    run: RunFiles, data: DataFiles, seed: str, statistics: Mapping[str, Definition]
) -> tuple[list[Row], list[Row]]:
    """Return the rows of one seed in scores.csv, and those in statistics.csv."""
    of_density = {"distribution": MODEL, "beta": 1.0, "mark": ""}
    method = _likelihood_method(run, seed)
    found = density_scores.density(run, data, seed)
    rows = _rows(density_scores.density_names(data, seed), found, of_density | {"method": method})
    log_p = data.test_log_prob(seed)
    if log_p is not None:
        way = data_z.METHOD if run.trained(seed).status == "ok" else ""
        rows += _rows([data_z.NAME], density_scores.by_data_z(run, seed, log_p), of_density | {"method": way})
    if run.tells(seed, RELATIVE):
        way = run.word(seed, RELATIVE, "method")
        rows += _rows([kale.NAME], density_scores.relative(run, seed, data), of_density | {"method": way})
    sets = _sets(run, data, seed, statistics)
    residuals = _residuals(run, sets, seed)
    rows += _rows(_names(sets, statistic_scores.OF_MODEL), residuals, of_density | {"method": ""})
    if data.grid is not None:
        found = _headroom(run, data, sets, seed)
        rows += _rows(_names(sets, statistic_scores.OF_DENSITY), found, of_density | {"method": method})
    if run.tells(seed, RECONSTRUCTION):
        outcome = run.outcome(seed, RECONSTRUCTION)
        estimates = latent_scores.latent_scores(run, data, seed) if outcome.status == "ok" else {}
        found = ScoreTables(outcome, estimates, [])
        rows += _rows(latent_scores.names(data, seed), found, of_density | {"method": ""})
    of_samples, statistics_rows = _of_distributions(run, data, sets, seed)
    return rows + of_samples, _joined(statistics_rows, residuals.statistics)


def _of_distributions(run: RunFiles, data: DataFiles, sets: Sequence[Set], seed: str) -> tuple[list[Row], list[Row]]:
    """Return the rows of sample-based scores and statistics, once per distribution."""
    rows: list[Row] = []
    statistics_rows: list[Row] = []
    found: dict[str, ScoreTables] = {}
    test = ReferenceRows.of(run.cell, seed, data.rows(seed))
    for distribution in distributions(run, seed):
        if distribution.part not in found:
            found[distribution.part] = _samples(run, data, sets, seed, distribution, test)
        reported = {"distribution": distribution.name, "beta": distribution.beta, "mark": distribution.mark}
        names = [*_sample_names(data), *_names(sets, statistic_scores.OF_DRAWS)]
        rows += _rows(names, found[distribution.part], reported | {"method": distribution.method})
        statistics_rows += [row | reported for row in found[distribution.part].statistics]
    return rows, statistics_rows


def _sets(run: RunFiles, data: DataFiles, seed: str, statistics: Mapping[str, Definition]) -> list[Set]:
    """Return the evaluation sets, fitted to the seed's training examples."""
    rows = data.rows(seed)
    return [Set(name, of.fit(rows["train"]), rows, run.cell, seed) for name, of in statistics.items()]


def _joined(rows: list[Row], of_model: list[Row]) -> list[Row]:
    """Add to rows of the model's distribution the columns that statistics computed from the model itself fill."""
    more = {(row["set"], row["statistic"]): row for row in of_model}
    return [
        row | (more.get((row["set"], row["statistic"]), {}) if row["distribution"] == MODEL else {}) for row in rows
    ]


def _rows(names: list[str], found: ScoreTables, reported: Row) -> list[Row]:
    keys = [(split, name) for name in names for split in metric(name).splits]
    reported = reported | {"log_z_stderr": found.log_z_stderr}
    return [reported | row_of(split, name, found.outcome, found.estimates.get((split, name))) for split, name in keys]


def row_of(split: str, name: str, outcome: RunOutcome, estimate: Estimate | RunOutcome | None) -> Row:
    """Return split, metric, value, error, size, status and reason of an estimate, or of the outcome without one."""
    row: Row = {"split": split, "metric": name, "value": None, "stderr": None, "n": None}
    if not isinstance(estimate, Estimate):
        return row | (estimate or outcome)._asdict()
    if not (math.isfinite(estimate.value) and math.isfinite(estimate.stderr)):
        reason = f"{estimate.value:g} with standard error {estimate.stderr:g} (n = {estimate.n})"
        return row | {"status": "failed", "reason": reason}
    return row | estimate._asdict() | {"status": "ok", "reason": ""}


def _sample_names(data: DataFiles) -> list[str]:
    on_curve = manifold.NAMES if data.curve is not None else ()
    of_modes = [mode_fractions.NAME] if data.mixture is not None else []
    return [*two_sample.NAMES, sliced.NAME, *on_curve, *of_modes]


def _names(sets: Sequence[Set], summaries: Sequence[str]) -> list[str]:
    return [mismatch_name(of.name, summary) for of in sets for summary in summaries]


def _likelihood_method(run: RunFiles, seed: str) -> str:
    return run.word(seed, "likelihood", "method") if run.trained(seed).status == "ok" else ""


def _residuals(run: RunFiles, sets: Sequence[Set], seed: str) -> ScoreTables:
    outcome = run.trained(seed)
    if outcome.status != "ok":
        return ScoreTables(outcome, {}, [])
    found: Estimates = {}
    rows: list[Row] = []
    for of in sets:
        summaries, each = statistic_scores.of_model(of, run)
        found |= _named(of, "test", summaries)
        rows += each
    return ScoreTables(outcome, found, rows)


def _headroom(run: RunFiles, data: DataFiles, sets: Sequence[Set], seed: str) -> ScoreTables:
    outcome = normalised(run, seed)
    if outcome.status != "ok":
        return ScoreTables(outcome, {}, [])
    log_q = run.density(seed, {"grid": len(data.required_grid().log_p)}).at["grid"]
    if log_q.isnan().any():
        return ScoreTables(NO_GRID, {}, [])
    found: Estimates = {}
    for of in sets:
        found |= _named(of, "exact", statistic_scores.of_density(of, data, log_q))
    return ScoreTables(outcome, found, [])


def _named(of: Set, split: str, summaries: statistic_scores.Found) -> Estimates:
    return {(split, mismatch_name(of.name, key)): value for key, value in summaries.items()}


def _samples(
    run: RunFiles, data: DataFiles, sets: Sequence[Set], seed: str, distribution: Distribution, test: ReferenceRows
) -> ScoreTables:
    if distribution.outcome.status != "ok":
        return ScoreTables(distribution.outcome, {}, [])
    rows = data.rows(seed)
    draws = run.draws(seed, distribution.part, rows["test"].shape[1])
    n_eff = run.n_eff(seed, distribution.part)
    if not draws.isfinite().all():
        return ScoreTables(RunOutcome("failed", "a sample is not finite"), {}, [])
    if n_eff == 0:
        return ScoreTables(RunOutcome("failed", WORTHLESS), {}, [])
    few, _ = two_sample.subsets(draws, rows["test"], n_eff, _stream(run.cell, seed))
    found: Estimates = {("test", name): estimate for name, estimate in test.ground.distances(few).items()}
    outcome = too_few(n_eff, test.size)
    found["test", sliced.NAME] = outcome or _sliced(run.cell, seed, draws, n_eff, test)
    if data.curve is not None:
        on_curve = manifold.manifold(data.curve, draws, n_eff, test.size)
        found |= {("exact", name): estimate for name, estimate in on_curve.items()}
        found["exact", manifold.TV] = outcome or on_curve[manifold.TV]
    if data.mixture is not None:
        of_modes = mode_fractions.mode_fraction_error(data.mixture, draws, n_eff, test.size)
        found["exact", mode_fractions.NAME] = outcome or of_modes
    statistics_rows: list[Row] = []
    for of in sets:
        summaries, each = statistic_scores.of_draws(of, draws, n_eff)
        found |= _named(of, "test", summaries)
        statistics_rows += each
    return ScoreTables(distribution.outcome, found, statistics_rows)


def _sliced(cell: Cell, seed: str, draws: Tensor, n_eff: float, test: ReferenceRows) -> Estimate:
    side = ComparedRows.of(sliced.projected(draws), n_eff, _stream(cell, seed, "equal draws"))
    return sliced.sliced_wasserstein(side, test.projected, test.size)


def _stream(cell: Cell, seed: str, *purpose: str) -> torch.Generator:
    """Return a random stream that does not depend on method or distribution, so all share the same test examples."""
    return generator(cell.dataset, "score", int(seed), *purpose)
