"""What the committed run of the generalized energy models must show, and what it does not."""

import pytest

from tests.helpers.reference_tables import of, only, read

TABLES = ["redwine", "whitewine", "parkinsons", "magic", "power"]
WINES = TABLES[:2]
PLAIN, COMBINED = "ebm", "gebm_combined"


def test_every_table_has_every_loss_and_floor_on_five_seeds():
    seeds = read("reference/gebm/runs.csv").groupby(["dataset", "family", "loss"])["seed"].nunique()
    asked = {(COMBINED, loss) for loss in ("ml", "cd", "kale_f", "kale_dv")}
    asked |= {(PLAIN, loss) for loss in ("ed", "dsm", "cd", "nce")}
    asked |= {("gaussian", "ml"), ("kde", "ml"), ("nvp5", "ml"), ("gebm_nvp5", "kale_f")}
    for name in TABLES:
        assert asked <= set(seeds[name].index)
        assert (seeds[name] == 5).all()


def test_losses_on_the_same_networks_have_as_many_parameters_and_like_seconds():
    runs = of(read("reference/gebm/runs.csv"), family=COMBINED)
    assert (runs.groupby("dataset")["train.parameters"].nunique() == 1).all()
    seconds = of(runs, status="ok").groupby(["dataset", "loss"])["train.seconds"].median().unstack()
    ratios = seconds.div(seconds["kale_f"], axis=0).stack().dropna()
    assert len(ratios) >= 15 and ratios.between(0.4, 1.4).all()


@pytest.mark.parametrize("name", TABLES)
def test_an_energy_on_a_flow_is_better_than_the_flow_and_stops_are_reported(name):
    row = only(read("reference/gebm/gap_closed.csv"), dataset=name, family="gebm_nvp5", loss="kale_f")
    assert row.gain_pairs == 5 and row.stopped == 0
    assert 0 < row.gain_ci_low < row.gain < row.gain_ci_high


@pytest.mark.parametrize("name", WINES)
def test_an_energy_on_a_weak_base_closes_two_thirds_of_the_gap_to_a_spline_flow(name):
    shares = of(read("reference/gebm/gap_closed.csv"), dataset=name, loss="kale_f")
    for base in ("gebm_gaussian", "gebm_nvp1"):
        row = only(shares, family=base)
        assert row.gain_ci_low > 0 and row.fraction_closed >= 2 / 3 and row.fraction_closed_ci_low > 2 / 3


def published_spread(name):
    """How far the published least test NLL of KALE is above that of maximum likelihood, in nats."""
    curves = of(read("published/gebm_uci_curves.csv"), dataset=name, metric="nll", what="min")
    return only(curves, method="kale_f").value - only(curves, method="ml").value


def test_kale_is_as_far_from_maximum_likelihood_as_published_on_wines_and_farther_on_parkinsons():
    over_ml = of(read("reference/gebm/over_ml.csv"), family=COMBINED, loss="kale_f", metric="nll")
    for name in WINES:
        row = only(over_ml, dataset=name)
        assert row.gain < 0 and row.gain_ci_low < -published_spread(name) < row.gain_ci_high
    assert only(over_ml, dataset="parkinsons").gain_ci_high < -published_spread("parkinsons")


def test_fenchels_form_knows_its_log_partition_better():
    errors = of(read("reference/gebm/figures/log_partition_error.csv"), seeds=5)
    sizes = errors.pivot_table("log_partition_error_size", ["dataset", "step"], "loss")[["kale_f", "kale_dv"]]
    last = sizes.dropna().groupby("dataset").last()
    assert sorted(last.index) == sorted(TABLES)
    assert (last["kale_f"] < last["kale_dv"]).all()
    # both are off by far more than the published .01 and .02 on redwine
    assert (last > 0.1).all(axis=None)


CURVES = ["curve2", "curve5", "curve10", "curve20"]


def along_and_off(name):
    """Total variation along a curve and the distance to it, of the models with a value."""
    scores = of(read("reference/gebm/scores.csv"), dataset=name, distribution="model", status="ok")
    return (of(scores, metric=metric) for metric in ("manifold_tv", "manifold_distance"))


@pytest.mark.parametrize("name", CURVES)
def test_the_distribution_along_a_curve_is_that_of_samples_of_the_truth(name):
    tv, distance = along_and_off(name)
    truth = of(tv, family="oracle")["value"].mean()
    for family in ("gebm_curve", "gebm_beside"):
        values = of(tv, family=family)["value"]
        assert len(values) == 3 and values.mean() <= truth + 0.02
        assert of(distance, family=family)["value"].max() < 0.15
    base = of(read("reference/gebm/scores.csv"), dataset=name, metric="manifold_tv", distribution="base")
    assert of(base, family="gebm_curve")["value"].min() > truth + 0.1


@pytest.mark.parametrize("name", CURVES[1:])
def test_plain_energies_lose_a_curve_beyond_the_plane(name):
    tv, distance = along_and_off(name)
    truth = of(tv, family="oracle")["value"].mean()
    for loss in ("ed", "nce", "dsm"):
        mass, place = (of(table, family=PLAIN, loss=loss)["value"].mean() for table in (tv, distance))
        assert mass > truth + 0.05 or place > 0.2


def test_every_sampler_is_tried_at_every_inverse_temperature():
    samples = read("reference/gebm/figures/latent_samplers.csv")
    samples = samples[samples["panel"] == "samples"]
    tried = set(samples.groupby(["beta", "sampler"]).groups)
    samplers = {"importance", "independence", "ula", "mala", "hmc", "kinetic"}
    assert tried >= {(beta, sampler) for beta in (0.1, 1.0, 10.0, 100.0, 1000.0) for sampler in samplers}
    model = of(samples, beta=1.0, budget=400)
    assert of(model, sampler="mala")["rhat"].notna().all()
    base, drawn = (
        only(of(samples, beta=1.0), sampler=name, budget=budget) for name, budget in (("base", 0), ("importance", 400))
    )
    assert drawn.distance_to_data < base.distance_to_data - 3 * base.data_stderr


def test_runs_that_diverged_are_rows_with_the_step():
    failures = of(read("reference/gebm/failures.csv"), status="diverged")
    assert set(failures["loss"]) == {"cd"} and set(failures["family"]) == {COMBINED}
    assert failures["reason"].str.contains(r"at step \d+").all()


def test_all_of_it_ran_from_nothing_in_less_than_three_hours_on_two_cores():
    invocations = read("reference/gebm/invocations.csv")
    assert invocations["outcome"].iloc[-1] == "finished" and (invocations["cores_used"] == 2).any()
    assert invocations["seconds"].sum() < 3 * 3600


@pytest.mark.parametrize("name", WINES)
def test_gains_on_unique_rows_are_those_on_all_rows(name):
    rows = of(read("reference/gebm/gap_closed.csv"), dataset=name, loss="kale_f")
    for family in ("gebm_gaussian", "gebm_nvp1", "gebm_nvp5", "gebm_spline"):
        row = only(rows, family=family)
        assert row.gain_unique_pairs == 5 and row.gain_unique_ci_low > 0
        assert abs(row.gain_unique - row.gain) < 0.05


def test_kernel_densities_lose_their_place_on_whitewine_without_copies_in_train():
    summary = of(
        read("reference/gebm/summary.csv"), dataset="whitewine", metric="nll", split="test", distribution="model"
    )
    kde, flow = (only(summary, family=name, loss="ml").mean for name in ("kde", "nvp5"))
    assert kde > flow + 1
