"""What the committed runs beyond two dimensions must show."""

import pytest
from scipy.stats import spearmanr

from ebmbench.planning.reference_runs import rungs_of
from tests.helpers.reference_tables import RESULTS, of, read

RUNGS = list(rungs_of(RESULTS / "reference", "beyond_two_dimensions").values())
FIRST, LAST = RUNGS[0], RUNGS[-1]

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


def ranks_of(rung):
    """Mean ranks of the losses, by loss and dimension."""
    rows = read(f"reference/claims/{rung}/rank_dimension.csv")
    return rows[rows["loss"].isin(TUNED)].pivot(index="loss", columns="dim", values="mean_rank")


def test_mean_ranks_are_those_of_the_page():
    quoted = {
        **{"nce": (2, 2, 4, 3.5), "ed": (2.5, 4.5, 3.5, 6), "ssm": (5, 4, 3, 1)},
        **{"dsm": (6.5, 5, 3.5, 2.5), "sm": (2.5, 7.5, 4, 6.5)},
    }
    ranks = ranks_of(LAST)
    for loss, values in quoted.items():
        assert tuple(ranks.loc[loss]) == pytest.approx(values), loss


@pytest.mark.parametrize(
    ("rung", "quoted"),
    [
        (FIRST, {8: (0.32, 0.40), 16: (0.52, 0.15), 32: (0.67, 0.05)}),
        (LAST, {8: (0.33, 0.38), 16: (0.49, 0.18), 32: (0.19, 0.63)}),
    ],
)
def test_correlations_of_ranks_with_the_planes_are_those_of_the_page(rung, quoted):
    ranks = ranks_of(rung)
    for dim, (correlation, p) in quoted.items():
        found = spearmanr(ranks[2], ranks[dim])
        assert found.statistic == pytest.approx(correlation, abs=0.005) and found.pvalue == pytest.approx(p, abs=0.005)


@pytest.mark.parametrize(
    ("dataset", "first", "last"),
    [("moons", 0.01, 0.003), ("moons8", 0.38, 0.07), ("moons16", 0.68, 0.49), ("moons32", 0.98, 0.97)],
)
def test_what_the_best_loss_leaves_of_a_normal_fits_divergence(dataset, first, last):
    for rung, left in ((FIRST, first), (LAST, last)):
        by_loss = kl_of(rung, dataset=dataset).groupby("loss")
        # of losses with a result on every seed
        mean = by_loss["value"].mean().where(by_loss["value"].count() == 3)
        assert mean[sorted(TUNED)].min() / mean["ml"] == pytest.approx(left, abs=0.005), rung


@pytest.mark.parametrize(
    ("dataset", "loss", "first", "last"),
    [
        *[("mixture32", "nce", 1.4, 0.29), ("mixture32", "ed", 2.6, 0.61), ("mixture32", "ssm", 0.084, 0.095)],
        *[
            ("mixture8", "nce", 0.27, 0.086),
            ("mixture8", "dsm_levels", 0.16, 0.054),
            ("mixture8", "cd", 0.34, 0.18),
            ("mixture8", "ed", 3.9, 0.74),
        ],
    ],
)
def test_what_four_times_the_budget_changes(dataset, loss, first, last):
    for rung, value in ((FIRST, first), (LAST, last)):
        assert kl_of(rung, dataset=dataset, loss=loss)["value"].mean() == pytest.approx(value, rel=0.04), rung


@pytest.mark.parametrize("rung", RUNGS)
def test_exact_score_matching_makes_fewer_steps_in_more_dimensions(rung):
    steps = of(read(f"reference/{rung}/runs.csv"), loss="sm").groupby("dataset")["train.steps"].first()
    budget = BUDGET * int(rung.rpartition("_x")[2])
    for dim, names in BY_DIMENSION.items():
        assert (steps[names] == budget // (128 * (dim + 2))).all()


def test_persistent_chains_alone_end_without_a_divergence():
    failures = read(f"reference/{FIRST}/failures.csv")
    assert failures.groupby(["dataset", "loss"]).size().to_dict() == {("mixture8", "pcd"): 2, ("moons", "pcd"): 2}


def test_losses_that_lose_modes_far_apart_have_a_reverse_divergence_below_half_their_divergence():
    rows = of(read(f"reference/{FIRST}/scores.csv"), dataset="mixture8", distribution="model", status="ok")
    means = rows.groupby(["loss", "metric"])["value"].mean().unstack()
    ratio = means["reverse_kl"] / means["kl"]
    assert (ratio[["ssm", "dsm", "sm", "ed", "cnce"]] < 0.5).all() and (ratio[["dsm_levels", "nce"]] > 1).all()
