"""What the committed run of the Energy Discrepancy experiments must show."""

import pytest

from ebmbench.core.csv_schema import read_typed
from ebmbench.reporting.comparison.best_methods import best_methods
from ebmbench.reporting.comparison.columns import Column
from tests.helpers.paths import ROOT
from tests.helpers.reference_tables import read

TUNED = {"ml", "ed", "sm", "ssm", "dsm", "dsm_levels", "cd", "pcd", "nce", "cnce"}


def test_every_loss_was_tuned_with_as_many_trials_on_every_set():
    trials = read("reference/energy_discrepancy/tuning.csv").groupby(["dataset", "loss"]).size().unstack()
    assert set(trials.columns) == TUNED and len(trials) == 9
    assert (trials == 5).all(axis=None)


def test_every_tuned_loss_has_five_fresh_seeds():
    runs = read("reference/energy_discrepancy/runs.csv")
    tuned = runs[runs["loss"].isin(TUNED)]
    assert (tuned.groupby(["dataset", "loss"])["seed"].nunique() == 5).all()
    assert not set(tuned["seed"]) & {1000}


def test_energy_discrepancy_reaches_the_official_recipes_kl_in_a_tenth_of_its_seconds():
    times = read("reference/energy_discrepancy/time_to_kl.csv")
    fast = times[times["loss"] == "ed_fast"]
    assert len(fast) == 3 and fast["reached"].all()
    assert (fast["target_kl"] == 0.0175).all() and (fast["kl"] <= 0.0175).all()
    assert fast["ratio"].min() >= 10
    # of a recipe that was really run, to the end or to the target
    official = times[times["loss"] == "ed_official"].set_index("seed")
    for row in fast.itertuples():
        assert official.loc[row.seed, "seconds"] / row.seconds == pytest.approx(row.ratio, rel=1e-3)


def test_runs_that_diverged_are_rows_with_the_step():
    failures = read("reference/energy_discrepancy/failures.csv")
    diverged = failures[failures["status"] == "diverged"]
    assert len(diverged[diverged["loss"] == "ed_w0_m1"]) == 3
    assert diverged["reason"].str.contains(r"at step \d+").all()


def test_all_of_it_ran_from_nothing_in_less_than_two_hours_on_two_cores():
    first = read("reference/energy_discrepancy/invocations.csv").iloc[0]
    assert first["outcome"] == "finished" and first["cores_used"] == 2
    assert first["seconds"] < 2 * 3600


def test_the_oracle_is_exact_on_every_set():
    scores = read("reference/energy_discrepancy/scores.csv")
    kl = scores[(scores["family"] == "oracle") & (scores["metric"] == "kl")]
    assert kl["dataset"].nunique() == 9
    assert (kl["value"].abs() <= kl["stderr"]).all()


def test_no_kl_in_bold_is_worse_than_the_best_on_every_seed_by_a_factor_of_three():
    scores = read_typed(ROOT / "results/reference/energy_discrepancy/scores.csv")
    kl = scores[(scores["metric"] == "kl") & (scores["loss"] != "none") & (scores["status"] == "ok")]
    bold = cells = far = 0
    for dataset, rows in kl.groupby("dataset"):
        leading = best_methods(scores[scores["dataset"] == dataset], Column("kl", "exact", "model"))
        values = rows.pivot(index=["family", "loss", "stats"], columns="seed", values="value").astype(float)
        ratios = values / values.loc[values.mean(axis="columns").idxmin()]
        behind = {name for name, row in ratios.iterrows() if (row.dropna() >= 3).all() and row.notna().any()}
        assert not leading & behind, dataset
        assert leading, dataset
        bold, cells, far = bold + len(leading), cells + len(values), far + len(behind)
    # there are many such methods, and the group is not only the best one
    assert cells == 110 and far > 50 and 25 < bold < 45
