from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.reporting.comparison.sampling_table import sampling

CELL = {"dataset": "moons", "family": "ebm", "loss": "ed", "stats": "none"}


def run(status: str = "ok", **reported: object) -> dict:
    """A row of runs.csv by annealing and converged chains; ``likelihood_`` and ``samples_`` stand for the point."""
    row = CELL | {
        **{"status": status, "likelihood.status": "ok", "likelihood.method": "AIS"},
        **{
            "likelihood.log_z_stderr": 0.01,
            "likelihood.bias": -0.02,
            "likelihood.ess_fraction": 0.5,
            "likelihood.log_z_gap": None,
        },
        **{"samples.status": "ok", "samples.sampler": "MALA", "samples.beta": 1.0, "samples.mark": None},
        **{"samples.step_size": 0.1, "samples.acceptance": 0.6, "samples.drift": None, "samples.rhat": 1.01},
        **{"samples.ess_bulk": 400.0, "samples.ess_tail": 300.0, "samples.ess_per_evaluation": 0.002},
    }
    return row | {name.replace("_", ".", 1): value for name, value in reported.items()}


def row_of(*runs: dict) -> pd.Series:
    table = sampling(pd.DataFrame(runs))
    assert len(table) == 1
    return table.iloc[0]


def test_medians_over_runs_but_the_worst_rhat():
    row = row_of(
        run(samples_rhat=1.01, samples_ess_bulk=100.0, likelihood_ess_fraction=0.1),
        run(samples_rhat=1.30, samples_ess_bulk=200.0, likelihood_ess_fraction=0.2),
        run(samples_rhat=1.02, samples_ess_bulk=900.0, likelihood_ess_fraction=0.9),
    )
    assert (row["ess_bulk"], row["ess_fraction"], row["rhat"]) == (200.0, 0.2, 1.30)
    assert row["ess_bulk"] != 400.0 and row["rhat"] != 1.02  # the mean, and the median
    assert row["ess_per_1000"] == pytest.approx(2.0)
    assert (row["runs"], row["likelihood"], row["sampler"], row["beta"], row["marks"]) == (3, "AIS", "MALA", "1", "")


def test_chains_without_a_finite_rhat_are_the_worst():
    stuck = run(samples_rhat=None, samples_ess_bulk=0.0, samples_mark="unconverged")
    row = row_of(run(), stuck)
    assert math.isinf(row["rhat"])  # leaving out what is missing would give 1.01
    assert row["marks"] == "1 unconverged"


def test_without_chains_there_is_no_rhat():
    names = ("step_size", "acceptance", "drift", "rhat", "ess_bulk", "ess_tail", "ess_per_evaluation")
    exact = run(samples_sampler="exact", **{f"samples_{name}": None for name in names})
    row = row_of(exact, exact)
    assert math.isnan(row["rhat"]) and math.isnan(row["ess_per_1000"]) and math.isnan(row["step_size"])
    assert row["sampler"] == "exact"


def test_a_failed_likelihood_is_counted_and_its_error_left_out():
    failed = run(likelihood_status="failed", likelihood_log_z_stderr=9.0, likelihood_ess_fraction=0.001)
    failed |= {"likelihood.bias": -7.0}
    row = row_of(run(), run(likelihood_log_z_stderr=0.03), failed)
    assert row["failed_likelihoods"] == 1
    assert row["log_z_stderr"] == pytest.approx(0.02)  # with the failed one 0.03
    assert row["log_z_bias"] == -0.02
    assert row["ess_fraction"] == 0.5
    skipped = row_of(run(likelihood_status="skipped", likelihood_method="none"))
    assert skipped["failed_likelihoods"] == 0


def test_runs_that_were_not_trained_to_the_end_are_left_out():
    row = row_of(run(), run("diverged", samples_status="diverged", samples_rhat=None, samples_sampler="none"))
    assert (row["runs"], row["rhat"], row["sampler"]) == (1, 1.01, "MALA")


def test_marks_are_those_of_sound_samples():
    row = row_of(run(samples_mark="optimiser"), run(samples_mark="unconverged", samples_status="failed"))
    assert (row["marks"], row["failed_samples"]) == ("1 optimiser", 1)


def test_cells_have_a_row_each():
    table = sampling(pd.DataFrame([run(), run() | {"loss": "cd"}, run() | {"dataset": "ball"}]))
    assert list(zip(table["dataset"], table["loss"], strict=True)) == [("ball", "ed"), ("moons", "cd"), ("moons", "ed")]
