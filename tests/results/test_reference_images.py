"""What the committed run of images must show, and what it does not."""

import pytest

from tests.helpers.reference_tables import of, only, read

SCORED = ("digits", "mnist", "fashion_mnist")
ODD = tuple(f"mnist_but{digit}" for digit in (1, 4, 5, 7, 9))


def scores(**names):
    return of(read("reference/images_cpu/scores.csv"), **names)


def distance(**names):
    return of(read("reference/images_cpu/summary.csv"), metric="fd_cnn", split="test", **names)


def mean(**names):
    return only(distance(**names)).mean


@pytest.mark.parametrize("name", SCORED)
def test_a_latent_prior_by_energy_discrepancy_is_nearer_than_its_base_and_the_autoencoder(name):
    latent = {"dataset": name, "family": "lebm", "loss": "ed", "stats": "none"}
    model = mean(**latent, distribution="model")
    assert model < 0.3 * mean(**latent, distribution="base")
    assert model < 0.65 * mean(dataset=name, family="vae", distribution="model")


@pytest.mark.parametrize("name", SCORED)
def test_real_images_are_nearest_and_noise_is_far(name):
    oracle, noise = (mean(dataset=name, family=family, distribution="model") for family in ("oracle", "noise"))
    trained = distance(dataset=name, distribution="model", stats="none")
    trained = trained[~trained["family"].isin(["oracle", "noise"])].dropna(subset=["mean"])
    assert oracle < trained["mean"].min() < 0.2 * noise
    floors = scores(dataset=name, metric="floor_cnn", split="test", family="lebm", status="ok")["value"]
    assert (floors < trained["mean"].min()).all()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_an_energy_on_a_generator_helps_by_resampling_alone(name):
    generator = {"dataset": name, "family": "gebm_images", "stats": "none"}
    assert mean(**generator, distribution="model") < 0.95 * mean(**generator, distribution="base")


def test_short_runs_can_have_a_distribution_of_their_own_worse_than_their_base():
    latent = {"dataset": "fashion_mnist", "family": "lebm", "loss": "cd", "stats": "none"}
    assert (
        mean(**latent, distribution="sampler")
        < mean(**latent, distribution="base")
        < mean(**latent, distribution="model")
    )


def test_a_digit_left_out_is_reported_by_both_and_better_by_neither():
    found = scores(metric="anomaly_auprc", status="ok")
    by_family = found.pivot(index="dataset", columns="family", values="value")
    assert tuple(by_family.index) == ODD and by_family.notna().all(axis=None)
    means = by_family.mean()
    assert means["lebm"] == pytest.approx(0.446, abs=0.001) and means["vae"] == pytest.approx(0.579, abs=0.001)
    assert {"anomaly_auroc"} <= set(scores(family="lebm", dataset="mnist_but1")["metric"])


def test_the_contrast_rises_with_time_from_chance_to_one():
    times = {"ed_001": 0.001, "ed_01": 0.01, "ed_05": 0.05, "ed_nz": 0.125, "ed": 0.25, "ed_1": 1.0, "ed_4": 4.0}
    drawn = read("reference/images_cpu/figures/contrast.csv")
    curves = of(read("reference/images_cpu/curves.csv"), dataset="digits", family="lebm", stats="none")
    last = curves[curves["step"] == curves["step"].max()].groupby("loss")["positive"].mean()
    means = [last[loss] for loss in times]
    assert means == sorted(means)
    assert (
        means[0] == pytest.approx(1 / 17, abs=0.002) and last["ed"] < 0.6 and last["ed_1"] > 0.9 and last["ed_4"] > 0.99
    )
    assert set(drawn["t"].round(6)) == set(times.values())


def test_every_distance_names_its_extractor_and_inception_says_what_is_missing():
    sound = scores(metric="fd_cnn", status="ok")
    assert sound["method"].str.contains(r"cnn [0-9a-f]{12}").all()
    assert not len(scores(metric="fid", status="ok"))
    skipped = scores(metric="fd_inception")
    assert (skipped["status"] == "skipped").all() | (skipped["status"] == "failed").any()
    reasons = set(skipped[skipped["status"] == "skipped"]["reason"])
    assert len(reasons) == 1 and "weights-inception" in reasons.pop()


@pytest.mark.parametrize(
    ("family", "stats"),
    [*(("lebm", f"i{number}_after") for number in (1, 4, 5)), ("gebm_images", "i4_after")],
)
def test_tilts_bring_statistics_of_images_within_errors_that_are_too_large_to_show_a_match(family, stats):
    loss = "ed" if family == "lebm" else "kale_f"
    found = of(read("reference/images_cpu/moment_match.csv"), role="target", family=family, loss=loss, stats=stats)
    row = only(found, set=stats[:2])
    assert (row.matched, row.reason, row.matched_oracle) == ("undecided", "too few rows", "undecided")
    assert row.mismatch < 1.02 * row.floor95


def test_what_fails_has_its_rows_and_reasons():
    runs = of(read("reference/images_cpu/runs.csv"), family="ebm", stats="i1_matched")
    assert len(runs) == 3 and (runs["status"] == "failed").all() and runs["reason"].notna().all()


def test_tilts_by_few_draws_miss_one_set():
    found = of(read("reference/images_cpu/moment_match.csv"), role="target", family="lebm", stats="i3_after")
    row = only(found, set="i3")
    assert row.matched == "undecided" and 1 < row.mismatch / row.floor95 < 1.2


def test_it_took_less_than_ninety_minutes():
    reported = read("reference/images_cpu/invocations.csv")
    assert len(reported) == 1 and reported["seconds"].sum() < 90 * 60 and set(reported["outcome"]) == {"finished"}
