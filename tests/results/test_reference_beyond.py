"""What the committed runs beyond two dimensions must show."""

import pytest
from scipy.stats import spearmanr

from ebmbench.planning.reference_runs import rungs_of
from tests.helpers.reference_tables import RESULTS, of, read

RUNGS = list(rungs_of(RESULTS / "reference", "beyond_two_dimensions").values())
FIRST = RUNGS[0]

#: evaluations per run at the first rung
BUDGET = 500_000

#: number of copies of moons by data set
COPIES = {"moons8": 4, "moons16": 8, "moons32": 16}

TUNED = {"ed", "sm", "ssm", "dsm", "dsm_levels", "cd", "pcd", "nce", "cnce"}

DATASETS = {"moons", "ring8_unequal", "mixture8", "mixture16", "mixture32", *COPIES}


#: the data sets of each dimension
BY_DIMENSION = {
    2: ["moons", "ring8_unequal"],
    8: ["moons8", "mixture8"],
    16: ["moons16", "mixture16"],
    32: ["moons32", "mixture32"],
}


def kl_of(rung, **chosen):
    return of(read(f"reference/{rung}/scores.csv"), metric="kl", distribution="model", **chosen)


@pytest.mark.parametrize("rung", RUNGS)
def test_the_oracle_is_exact_in_every_dimension(rung):
    kl = kl_of(rung, family="oracle")
    assert set(kl["dataset"]) == DATASETS and (kl["status"] == "ok").all()
    assert (kl["value"].abs() <= kl["stderr"]).all() and kl["stderr"].max() < 1e-4


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("dataset", COPIES)
def test_the_divergence_of_a_normal_fit_is_proportional_to_the_number_of_copies(rung, dataset):
    mean = kl_of(rung, family="gaussian").groupby("dataset")["value"].mean()
    # a fit to 50,000 samples in 32 dimensions is off by 560 parameters / 100,000 = .006 nats
    assert mean[dataset] == pytest.approx(COPIES[dataset] * mean["moons"], rel=0.01)


@pytest.mark.parametrize("rung", RUNGS)
def test_every_loss_has_as_many_trials_and_seeds_on_every_set(rung):
    tuning, runs = read(f"reference/{rung}/tuning.csv"), read(f"reference/{rung}/runs.csv")
    trials = of(tuning, rung=1).groupby(["dataset", "loss"])["trial"].nunique().unstack()
    assert set(trials.columns) == TUNED and set(trials.index) == DATASETS and (trials == 6).all(axis=None)
    seeds = runs[runs["loss"].isin(TUNED)].groupby(["dataset", "loss"])["seed"].nunique().unstack()
    assert seeds.shape == (8, 9) and (seeds == 3).all(axis=None)


@pytest.mark.parametrize("rung", RUNGS)
def test_every_loss_has_the_same_budget_of_evaluations(rung):
    runs = read(f"reference/{rung}/runs.csv")
    spent = runs["train.energy_evaluations"] + runs["train.gradient_evaluations"]
    trained = spent[runs["loss"].isin(TUNED) & (runs["status"] == "ok")]
    budget = BUDGET * int(rung.rpartition("_x")[2])
    assert trained.between(0.97 * budget, 1.03 * budget).all(), trained.describe()


def test_mean_ranks_and_their_correlations_with_the_planes_are_those_of_the_page():
    rows = read(f"reference/claims/{FIRST}/rank_dimension.csv")
    ranks = rows[rows["loss"].isin(TUNED)].pivot(index="loss", columns="dim", values="mean_rank")
    quoted = {"nce": (1.5, 1.5, 3, 3.5), "ssm": (5, 4, 2, 1), "sm": (2, 5.5, 6.5, 5), "dsm": (6, 4.5, 2, 4)}
    for loss, values in quoted.items():
        assert tuple(ranks.loc[loss]) == pytest.approx(values), loss
    assert ranks.loc["ed"].between(4, 5.5).all()
    for dim, correlation, p in ((8, 0.32, 0.40), (16, 0.52, 0.15), (32, 0.67, 0.05)):
        found = spearmanr(ranks[2], ranks[dim])
        assert found.statistic == pytest.approx(correlation, abs=0.005) and found.pvalue == pytest.approx(p, abs=0.005)


@pytest.mark.parametrize(("dataset", "left"), [("moons", 0.01), ("moons8", 0.38), ("moons16", 0.68), ("moons32", 0.98)])
def test_what_the_best_loss_leaves_of_a_normal_fits_divergence(dataset, left):
    mean = kl_of(FIRST, dataset=dataset).groupby("loss")["value"].mean()
    assert mean[sorted(TUNED)].min() / mean["ml"] == pytest.approx(left, abs=0.005)


def test_exact_score_matching_makes_fewer_steps_in_more_dimensions():
    steps = of(read(f"reference/{FIRST}/runs.csv"), loss="sm").groupby("dataset")["train.steps"].first()
    for dim, names in BY_DIMENSION.items():
        assert (steps[names] == BUDGET // (128 * (dim + 2))).all()


def test_persistent_chains_alone_end_without_a_divergence():
    failures = read(f"reference/{FIRST}/failures.csv")
    assert failures.groupby(["dataset", "loss"]).size().to_dict() == {("mixture8", "pcd"): 2, ("moons", "pcd"): 2}


def test_losses_that_lose_modes_far_apart_have_a_reverse_divergence_below_half_their_divergence():
    rows = of(read(f"reference/{FIRST}/scores.csv"), dataset="mixture8", distribution="model", status="ok")
    means = rows.groupby(["loss", "metric"])["value"].mean().unstack()
    ratio = means["reverse_kl"] / means["kl"]
    assert (ratio[["ssm", "dsm", "sm", "ed", "cnce"]] < 0.5).all() and (ratio[["dsm_levels", "nce"]] > 1).all()
