"""Sampling diagnostics, one row per cell: how log Z was estimated and samples were drawn, and how reliable they are."""

from __future__ import annotations

import math
from collections.abc import Hashable

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.summary import counted, named

#: effective samples are reported per this many evaluations
EVALUATIONS = 1000

#: medians over the runs: column of the table -> column of runs.csv
_MEDIANS = {
    "step_size": "samples.step_size",
    "acceptance": "samples.acceptance",
    "drift": "samples.drift",
    "ess_bulk": "samples.ess_bulk",
    "ess_tail": "samples.ess_tail",
}


def sampling(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell of ``runs`` (runs.csv), over the ``runs`` whose training ended with status ok.

    Medians exclude runs without a number; ``log_z_stderr`` and ``log_z_bias`` also exclude runs whose likelihood
    failed, which ``failed_likelihoods`` counts. ``rhat`` is the worst over the runs: infinite if one had chains that
    did not move or were not finite, empty if no chains were run. ``ess_per_1000`` is the smaller of the bulk and tail
    ESS per 1,000 energy evaluations. ``marks`` counts the marked runs among those with valid samples, by mark;
    ``failed_samples`` counts the runs whose samples failed.
    """
    cells = runs.groupby(list(AXES), sort=True)
    return pd.DataFrame([_row(names, group[group["status"] == "ok"]) for names, group in cells])


def _row(names: tuple[Hashable, ...], runs: pd.DataFrame) -> dict[str, object]:
    normalised = runs[runs["likelihood.status"] == "ok"]
    drawn = runs[runs["samples.status"] == "ok"]
    return {
        **dict(zip(AXES, names, strict=True)),
        "runs": len(runs),
        "likelihood": named(runs["likelihood.method"]),
        "log_z_stderr": _median(normalised["likelihood.log_z_stderr"]),
        "log_z_bias": _median(normalised["likelihood.bias"]),
        "ess_fraction": _median(runs["likelihood.ess_fraction"]),
        "log_z_gap": _median(runs["likelihood.log_z_gap"]),
        "failed_likelihoods": int((runs["likelihood.status"] == "failed").sum()),
        "sampler": named(runs["samples.sampler"]),
        "beta": named(runs["samples.beta"]),
        **{name: _median(runs[source]) for name, source in _MEDIANS.items()},
        "rhat": _worst_rhat(runs),
        "ess_per_1000": EVALUATIONS * _median(runs["samples.ess_per_evaluation"]),
        "failed_samples": int((runs["samples.status"] == "failed").sum()),
        "marks": counted(drawn["samples.mark"]),
    }


def _median(values: pd.Series) -> float:
    return float(values.astype(float).median())


def _worst_rhat(runs: pd.DataFrame) -> float:
    # ess_bulk is present and finite wherever chains were run, but an infinite R-hat is left out of the files
    chained = runs[runs["samples.ess_bulk"].notna()]
    return float(chained["samples.rhat"].astype(float).fillna(math.inf).max()) if len(chained) else math.nan
