"""What the committed run of other packages' methods shows, as docs/results/peers.md says it."""

import pytest

from tests.helpers.reference_tables import of, read

SETS = ["gaussians25", "moons"]


@pytest.fixture(scope="module")
def scores():
    return read("reference/peers/scores.csv")


def kl(scores, loss, family="ebm"):
    """By data set and seed, of the model's own distribution."""
    found = of(scores, family=family, loss=loss, metric="kl", distribution="model")
    return found.set_index(["dataset", "seed"])["value"]


def test_every_method_has_three_runs_on_both_sets(scores):
    runs = read("reference/peers/runs.csv")
    assert set(runs.groupby(["dataset", "family", "loss"])["seed"].nunique()) == {3}
    assert len(runs) == 138 and set(runs["dataset"]) == set(SETS)
    # one budget: a step more would be over it
    trained = runs[runs["family"] == "ebm"]
    spent = trained["train.energy_evaluations"] + trained["train.gradient_evaluations"]
    assert (spent <= 1_000_000).all() and (spent > 0.99 * 1_000_000).all()


def test_exact_score_matching_is_the_same_model(scores):
    apart = (kl(scores, "sm") - kl(scores, "ebmkit_sm")).abs()
    assert len(apart) == 6 and apart.max() < 1e-4
    # another loss of the same budget is not
    assert (kl(scores, "sm") - kl(scores, "ssm")).abs().min() > 1e-3


def test_one_has_no_density_and_fails(scores):
    found = of(scores, loss="ebmkit_cd", metric="kl", distribution="model")
    assert len(found) == 6 and set(found["status"]) == {"failed"} and found["value"].isna().all()
    assert kl(scores, "torchebm_dsm").notna().all()


@pytest.mark.parametrize("dataset", SETS)
def test_ours_is_better_than_the_other_replay_buffer(scores, dataset):
    apart = (kl(scores, "pcd") - kl(scores, "ebmkit_pcd"))[dataset]
    # the half width of a 95 % interval over three seeds
    assert apart.mean() < -4.303 * apart.std() / 3**0.5


@pytest.mark.parametrize("dataset", SETS)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("ed", "ebmkit_ed"), ("dsm", "ebmkit_dsm"), ("dsm", "torchebm_dsm"), ("nce", "ebmkit_nce")],
)
def test_the_same_mathematics_is_statistically_equal(scores, dataset, ours, theirs):
    apart = (kl(scores, ours) - kl(scores, theirs))[dataset]
    assert abs(apart.mean()) < 4.303 * apart.std() / 3**0.5


@pytest.mark.parametrize("dataset", SETS)
def test_a_gaussian_mixture_beats_every_energy_here(scores, dataset):
    means = of(scores, dataset=dataset, metric="kl", distribution="model").groupby(["family", "loss"])["value"].mean()
    assert means["gmm", "none"] < means["ebm"].min()
