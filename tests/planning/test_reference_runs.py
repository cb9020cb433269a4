"""What the committed run of the default grid must show."""

import math

import pytest

from tests.helpers.reference_tables import of, read


@pytest.fixture(scope="module")
def scores():
    return read("reference/default/scores.csv")


def test_the_grid_is_as_large_as_promised(scores):
    runs = read("reference/default/runs.csv")
    assert len(runs) >= 60
    assert runs["status"].notna().all()
    assert set(scores["run"]) == set(runs["run"])
    datasets = set(runs["dataset"])
    assert len(datasets) >= 6
    assert len(datasets & {"redwine", "whitewine", "magic", "digits"}) >= 3
    seeds = runs.groupby(["dataset", "family", "loss", "stats"])["seed"].nunique()
    assert seeds.min() >= 3


def test_every_value_has_an_error_and_every_gap_a_status(scores):
    ok = scores["status"] == "ok"
    assert scores[ok][["value", "stderr", "n"]].notna().all(axis=None)
    assert scores[~ok]["value"].isna().all()
    assert scores[~ok]["reason"].notna().all()


def test_energy_discrepancy_learns_25_gaussians(scores):
    kl = of(scores, dataset="gaussians25", family="ebm", loss="ed", stats="none", metric="kl")
    assert len(kl) == 3
    assert kl["value"].mean() <= 0.03
    runs = of(read("reference/default/runs.csv"), dataset="gaussians25", family="ebm", loss="ed")
    assert (runs["train.cpu_seconds"] <= 30).all()


def test_the_oracle_is_exact(scores):
    kl = of(scores, family="oracle", metric="kl")
    assert len(kl) == 12
    assert (kl["value"].abs() <= kl["stderr"]).all()


@pytest.mark.parametrize(("dataset", "dim"), [("redwine", 11), ("whitewine", 11), ("digits", 64)])
def test_the_gaussian_has_the_entropy_of_whitened_train_rows(scores, dataset, dim):
    nll = of(scores, dataset=dataset, family="gaussian", metric="nll", split="train")["value"]
    assert len(nll) == 3
    assert ((nll - dim / 2 * math.log(2 * math.pi * math.e)).abs() < 1e-6).all()


@pytest.mark.parametrize("dataset", ["pinwheel", "ring8_unequal"])
def test_maximum_likelihood_is_not_beaten_by_another_loss(scores, dataset):
    kl = of(scores, dataset=dataset, family="ebm", metric="kl", status="ok")
    means = kl.groupby(["loss", "stats"])["value"].agg(["mean", "sem"])
    for (loss, stats), other in means.iterrows():
        ml = means.loc[("ml", "none")]
        assert ml["mean"] <= other["mean"] + 2 * math.hypot(ml["sem"], other["sem"]), (loss, stats)
