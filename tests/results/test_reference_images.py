"""What the committed run of images must show, and what it does not."""

import pytest

from tests.helpers.reference_tables import of, only, read

SCORED = ("digits", "mnist", "fashion_mnist")

#: the generator with an energy that is trained with it
GENERATOR = {"family": "gebm_images", "stats": "none"}


def scores(**names):
    return of(read("reference/images_cpu/scores.csv"), **names)


def summary(**names):
    return of(read("reference/images_cpu/summary.csv"), split="test", **names)


def distance(**names):
    return summary(metric="fd_cnn", **names)


def mean(**names):
    return only(distance(**names)).mean


@pytest.mark.parametrize("name", SCORED)
def test_a_latent_prior_by_energy_discrepancy_is_nearer_than_its_base_and_the_autoencoder(name):
    latent = {"dataset": name, "family": "lebm", "loss": "ed", "stats": "none"}
    model, chains, base = (mean(**latent, distribution=of) for of in ("model", "sampler", "base"))
    assert model < 0.4 * base and chains < 0.4 * base
    assert max(model, chains) < 0.65 * mean(dataset=name, family="vae", distribution="model")


@pytest.mark.parametrize("name", SCORED)
def test_real_images_are_nearest_and_noise_is_far(name):
    oracle, noise = (mean(dataset=name, family=family, distribution="model") for family in ("oracle", "noise"))
    trained = distance(dataset=name, distribution="model", stats="none")
    trained = trained[~trained["family"].isin(["oracle", "noise"])].dropna(subset=["mean"])
    assert oracle < trained["mean"].min() < 0.05 * noise
    floors = scores(dataset=name, metric="floor_cnn", split="test", family="lebm", status="ok")["value"]
    assert (floors < trained["mean"].min()).all()


def test_no_control_fails():
    found = read("reference/images_cpu/controls.csv")
    assert set(found["verdict"]) == {"pass", "undecided"}
    assert set(found[found["verdict"] == "undecided"]["metric"].str.removesuffix("_cnn")) >= {"reconstruction_mse"}


def test_the_generator_on_mnist_covers_the_digits_and_most_of_its_samples_are_among_them():
    for distribution in ("base", "model", "sampler"):
        found = {
            metric: only(summary(dataset="mnist", metric=metric, distribution=distribution, **GENERATOR))
            for metric in ("recall_cnn", "precision_cnn")
        }
        assert all(row.seeds == 3 for row in found.values())
        assert found["recall_cnn"].ci_low > 0.8
        # of the declared sampler it is .6 within its interval
        precision = found["precision_cnn"]
        assert (precision.ci_high if distribution == "sampler" else precision.mean) >= 0.6 and precision.mean > 0.55


@pytest.mark.parametrize("name", SCORED)
def test_what_the_energy_adds_to_the_generator_is_within_the_spread_of_three_trainings(name):
    base = only(distance(dataset=name, distribution="base", **GENERATOR))
    for distribution in ("model", "sampler"):
        found = only(distance(dataset=name, distribution=distribution, **GENERATOR))
        assert base.ci_low < found.ci_high and found.ci_low < base.ci_high


def priors(name, distribution):
    return distance(dataset=name, family="lebm", distribution=distribution).set_index("loss")


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_short_runs_make_good_images_without_sampling_their_density(name):
    by_chains, by_density = (priors(name, of)["mean"] for of in ("sampler", "model"))
    assert by_density.idxmax() == "cd" and by_density["cd"] > 2.5 * by_chains["cd"]
    assert (by_density.drop("cd") < 1.5 * by_chains.drop("cd")).all()
    rhat = of(read("reference/images_cpu/sampling.csv"), dataset=name, family="lebm").set_index("loss")["rhat"]
    assert rhat["cd"] > 5 and rhat.drop("cd").max() < 3


@pytest.mark.parametrize("name", SCORED)
def test_with_chains_chosen_on_validation_images_contrastive_divergence_is_not_ahead(name):
    by_chains = priors(name, "sampler")
    assert (by_chains.drop("cd")["ci_low"] < by_chains["ci_high"]["cd"]).all()
    assert by_chains.drop("cd")["mean"].min() < by_chains["mean"]["cd"]


def test_the_generator_is_first_by_its_sampler_and_a_prior_by_score_matching_next():
    ranks = of(read("reference/claims/images_cpu/ranks.csv"), metric="fd_cnn", split="test", distribution="sampler")
    order = ranks.sort_values("mean_rank")[["family", "loss"]].agg(" · ".join, axis=1).tolist()
    assert order[:2] == ["gebm_images · kale_f", "lebm · ssm"] and order[-1] == "vae · elbo"


def test_every_distance_of_a_trained_model_has_a_value():
    of_all = scores(metric="fd_cnn")
    assert len(of_all) and (of_all["status"] == "ok").all()


def test_every_distance_names_its_extractor_and_inception_says_what_is_missing():
    sound = scores(metric="fd_cnn", status="ok")
    assert sound["method"].str.contains(r"cnn [0-9a-f]{12}").all()
    assert not len(scores(metric="fid", status="ok"))
    skipped = scores(metric="fd_inception")
    assert (skipped["status"] == "skipped").all() | (skipped["status"] == "failed").any()
    reasons = set(skipped[skipped["status"] == "skipped"]["reason"])
    assert len(reasons) == 1 and "weights-inception" in reasons.pop()


@pytest.mark.parametrize(("grid", "minutes"), [("images_cpu", 120), ("image_digits", 60), ("image_anomalies", 60)])
def test_it_took_one_invocation_within_its_time(grid, minutes):
    reported = read(f"reference/{grid}/invocations.csv")
    assert len(reported) == 1 and reported["seconds"].sum() < minutes * 60 and set(reported["outcome"]) == {"finished"}
