"""How log Z was found and how samples were drawn, one row a cell, with what tells whether to believe them."""

from __future__ import annotations

import math
from collections.abc import Hashable

import pandas as pd

from ebmbench.core.cells import AXES
from ebmbench.reporting.comparison.tables import counted, named

#: evaluations for which effective draws are told
EVALUATIONS = 1000

#: medians over the runs: a column of the table and the one of runs.csv that it is from
_MEDIANS = {
    "step_size": "samples.step_size",
    "acceptance": "samples.acceptance",
    "drift": "samples.drift",
    "ess_bulk": "samples.ess_bulk",
    "ess_tail": "samples.ess_tail",
}


def sampling(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell of ``runs`` (runs.csv), over the ``runs`` whose training ended with status ok.

    Medians leave out runs without a number; ``log_z_stderr`` also those whose likelihood failed, which
    ``failed_likelihoods`` counts. ``rhat`` is the worst over the runs: infinite where one had chains that did not
    move or were not finite, empty where no chains were run. ``ess_per_1000`` is the lesser of bulk and tail for
    1,000 energy evaluations. ``marks`` counts the runs with sound samples that are marked, by mark;
    ``failed_samples`` those without.
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
    # ess_bulk is there, and finite, wherever chains were run; an infinite R-hat is left out of the files
    chained = runs[runs["samples.ess_bulk"].notna()]
    return float(chained["samples.rhat"].astype(float).fillna(math.inf).max()) if len(chained) else math.nan
