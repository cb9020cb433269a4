"""Scores of a model's density: likelihoods, distances from the known density, and gains over a base measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from ebmbench.core.columns import MODEL
from ebmbench.evaluation.contract import RunFiles, RunOutcome
from ebmbench.evaluation.data_files import SPLITS, DataFiles
from ebmbench.evaluation.distributions import distributions
from ebmbench.evaluation.metrics import data_z, density_grid, kale, likelihood
from ebmbench.evaluation.metrics.density_samples import reverse_kl
from ebmbench.evaluation.metrics.estimate import Estimate

#: (split, metric) -> estimate, or the outcome if there is no number
Estimates = dict[tuple[str, str], Estimate | RunOutcome]
Row = dict[str, Any]

#: entry of sampling.json and tensor of log_prob.safetensors for a model relative to its base measure
RELATIVE = "relative"

#: reason why samples with zero effective sample size have no score: they admit no error bar
WORTHLESS = "the draws are worth no independent one"

#: outcome of metrics that need the known density at the model's samples, for a tool that does not give it
NOT_GIVEN = RunOutcome("skipped", "no log-densities of the model's samples were given")


class ScoreTables(NamedTuple):
    """Scores of one density or one set of samples: its outcome, estimates, and rows of statistics.csv."""

    outcome: RunOutcome
    estimates: Mapping[tuple[str, str], Estimate | RunOutcome]
    statistics: list[Row]
    log_z_stderr: float | None = None


def density_names(data: DataFiles, seed: str) -> list[str]:
    """Return the metrics that :func:`density` computes."""
    reference = data.reference(seed)
    known = [] if reference is None else [*reference.names, *reference.of_draws]
    unique = ["nll_unique"] if data.unique(seed) is not None else []
    return ["nll", "nll_trimmed", *unique, *known]


def normalised(run: RunFiles, seed: str) -> RunOutcome:
    """Return the outcome of training, or if that is ok of the estimate of log Z."""
    outcome = run.trained(seed)
    return run.outcome(seed, "likelihood") if outcome.status == "ok" else outcome


def density(run: RunFiles, data: DataFiles, seed: str) -> ScoreTables:
    """Compute likelihoods, and distances from the known density if there is one."""
    outcome = normalised(run, seed)
    if outcome.status != "ok":
        return ScoreTables(outcome, {}, [])
    sizes = {split: len(rows) for split, rows in data.rows(seed).items()}
    reference = data.reference(seed)
    if reference is not None:
        sizes[reference.part] = len(reference.log_p)
    at, log_z, stderr = run.density(seed, sizes)
    found: Estimates = {(split, "nll"): likelihood.nll(at[split] - log_z, stderr) for split in SPLITS}
    found["test", "nll_trimmed"] = likelihood.nll_trimmed(at["test"] - log_z, stderr)
    unique = data.unique(seed)
    if unique is not None:
        found["test", "nll_unique"] = likelihood.nll(at["test"][unique] - log_z, stderr)
    if reference is not None:
        distances = reference.distances(at[reference.part], log_z, stderr)
        wrong = density_grid.why_not_normalised(distances["kl"])
        if wrong is not None:
            # all scores of the density rest on the same log Z
            return ScoreTables(RunOutcome("failed", wrong), {}, [])
        found |= {("exact", name): estimate for name, estimate in distances.items()}
        found |= {("exact", name): _at_draws(run, data, seed, log_z, stderr) for name in reference.of_draws}
    return ScoreTables(outcome, found, [], _finite(stderr))


def by_data_z(run: RunFiles, seed: str, log_p: Tensor) -> ScoreTables:
    """Compute the error of the log-density with log Z from the data's, for the known ``log_p: (N_test,)``."""
    outcome = normalised(run, seed)
    if outcome.status != "ok":
        return ScoreTables(outcome, {}, [])
    at = run.density(seed, {"test": len(log_p)}).at["test"]
    found: Estimates = {("test", data_z.NAME): data_z.mse_log_density_data_z(at, log_p)}
    stderr = data_z.log_z_data(at, log_p).stderr
    return ScoreTables(outcome, found, [], _finite(stderr))


def relative(run: RunFiles, seed: str, data: DataFiles) -> ScoreTables:
    """Compute the gain of an energy over its base measure."""
    outcome = run.outcome(seed, RELATIVE)
    if outcome.status != "ok":
        return ScoreTables(outcome, {}, [])
    at, log_z, stderr = run.density(seed, {RELATIVE: len(data.rows(seed)["test"])})
    found: Estimates = {("test", kale.NAME): kale.kale(at[RELATIVE] - log_z, stderr)}
    return ScoreTables(outcome, found, [], _finite(stderr))


def _at_draws(run: RunFiles, data: DataFiles, seed: str, log_z: float, stderr: float) -> Estimate | RunOutcome:
    """Compute the divergence from both log-densities at the model's own samples."""
    distribution = next(distribution for distribution in distributions(run, seed) if distribution.name == MODEL)
    if distribution.outcome.status != "ok":
        return distribution.outcome
    n, n_eff = (
        len(run.draws(seed, distribution.part, data.rows(seed)["test"].shape[1])),
        run.n_eff(seed, distribution.part),
    )
    found = run.at_draws(seed, n)
    if found is None:
        return NOT_GIVEN
    return reverse_kl(*found, n_eff, log_z, stderr) if n_eff > 0 else RunOutcome("failed", WORTHLESS)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
