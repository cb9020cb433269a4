"""The model's distribution and the sampler's, each scored from its own draws."""

import math

import pandas as pd
import pytest
import torch

from ebmbench.evaluation.metrics.registry import metric as described
from ebmbench.evaluation.metrics.two_sample import Ground
from tests.helpers.job_folder import ON_DENSITY, ON_SAMPLES, PARTS, Folder, by_key, of_distribution

#: biased, but with a bias below the margin, or the floor of a distance without a bias
FULL = ("moments_mismatch_headroom_test", "moments_mismatch_d2_floor95")


@pytest.mark.parametrize("distribution", PARTS)
def test_the_mismatch_rests_on_the_distributions_own_draws_against_test_rows_and_n_eff(tmp_path, distribution):
    folder = Folder(tmp_path)
    folder.sampled["0"][PARTS[distribution]]["n_eff"] = 60
    scores, each = folder.scored()
    each = of_distribution(each, distribution)
    x0 = each[each["statistic"] == "x0"].iloc[0]
    model, test = (folder.samples[f"0/{PARTS[distribution]}"][:, 0].numpy(), folder.data["0/test"][:, 0].numpy())
    assert x0["set"] == "moments" and len(each) == 5
    other = folder.samples[f"0/{PARTS['sampler' if distribution == 'model' else 'model']}"][:, 0].numpy()
    assert x0["sae"] != pytest.approx(abs(other.mean() - test.mean()) / test.std(ddof=1), rel=0.1)
    assert x0["sae"] == pytest.approx(abs(model.mean() - test.mean()) / test.std(ddof=1), rel=1e-4)
    variance = model.var(ddof=1) / 60 + test.var(ddof=1) / 80
    assert x0["stderr"] == pytest.approx(math.sqrt(variance) / test.std(ddof=1), rel=1e-4)
    assert x0["floor"] != pytest.approx(x0["sae"])
    rows = by_key(scores)
    summary = rows[0, "test", "moments_mismatch_mean", distribution]
    # of 50 samples and 50 test rows, as many as there are validation rows
    assert each["sae"].mean() < summary.value < each["sae"].mean() + 0.05 and summary.n == 50
    assert rows[0, "test", "energy_distance", distribution].n == 60


def test_rows_name_distribution_method_temperature_and_mark(tmp_path):
    scores, each = Folder(tmp_path).scored()
    rows = by_key(scores)
    nll, model, sampler = (
        rows[0, "test", "nll", "model"],
        *(rows[0, "test", "mmd2", distribution] for distribution in PARTS),
    )
    assert (nll.method, nll.beta, nll.log_z_stderr, nll.mark) == ("quadrature", 1.0, 0.01, "")
    assert (model.method, model.beta, model.mark) == ("grid inverse-CDF", 1.0, "")
    assert (sampler.method, sampler.beta, sampler.mark, sampler.status) == ("MALA", 2.0, "unconverged", "ok")
    assert math.isnan(model.log_z_stderr) and math.isnan(sampler.log_z_stderr)
    reported = each[["distribution", "beta", "mark"]].drop_duplicates().to_numpy().tolist()
    assert reported == [["model", 1.0, ""], ["sampler", 2.0, "unconverged"]]


def test_a_shifted_sampler_is_seen_in_its_own_rows_alone(tmp_path):
    before = Folder(tmp_path / "one").scored()[0]
    folder = Folder(tmp_path / "two")
    folder.samples["0/samples"] += 1.0
    after = folder.scored()[0]
    pd.testing.assert_frame_equal(of_distribution(before, "model"), of_distribution(after, "model"))
    rows = by_key(after)
    assert (
        rows[0, "test", "energy_distance", "sampler"].value
        > 0.3
        > 3 * rows[0, "test", "energy_distance", "model"].value
    )


def test_both_distributions_meet_the_same_test_rows(tmp_path, monkeypatch):
    seen, inner = [], Ground.distances
    monkeypatch.setattr(Ground, "distances", lambda ground, x: seen.append((ground.rows, x)) or inner(ground, x))
    Folder(tmp_path).scored()
    (test, model), (again, sampler) = seen
    assert test is again
    assert not torch.equal(model, sampler)


def test_exact_samples_are_both_distributions(tmp_path):
    folder = Folder(tmp_path)
    folder.make_exact()
    scores, each = folder.scored()
    model, sampler = (
        of_distribution(scores[scores["metric"].isin(ON_SAMPLES)], distribution) for distribution in PARTS
    )
    pd.testing.assert_frame_equal(
        *(part.drop(columns="distribution").reset_index(drop=True) for part in (model, sampler)), check_exact=True
    )
    assert set(model["status"]) == {"ok"} and set(model["method"]) == {"exact"} and set(model["n"]) <= {120, 90, 80, 50}
    assert len(of_distribution(each, "model")) == len(of_distribution(each, "sampler")) == 5


def test_exact_samples_are_scored_once(tmp_path, monkeypatch):
    calls = []
    inner = Ground.distances
    monkeypatch.setattr(Ground, "distances", lambda *a: calls.append(1) or inner(*a))
    folder = Folder(tmp_path / "one")
    folder.make_exact()
    folder.scored()
    assert len(calls) == 1
    Folder(tmp_path / "two").scored()
    assert len(calls) == 3


def test_without_draws_of_the_model_its_distribution_is_skipped(tmp_path):
    folder = Folder(tmp_path)
    folder.make_foreign()
    scores, each = folder.scored()
    skipped = scores[scores["status"] == "skipped"]
    assert set(skipped["metric"]) == ON_SAMPLES and set(skipped["distribution"]) == {"model"}
    assert set(skipped["reason"]) == {"no samples from the model's distribution were given"}
    sampler = of_distribution(scores, "sampler")
    assert set(sampler["status"]) == {"ok"} and set(sampler["beta"]) == {1.0} and set(sampler["mark"]) == {""}
    assert set(each["distribution"]) == {"sampler"}


def test_each_distribution_fails_alone(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["model"] = {"status": "failed", "reason": "no finite draws"}
    folder.drop(folder.samples, "0/model")
    scores, _ = folder.scored()
    failed = scores[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_SAMPLES and set(failed["distribution"]) == {"model"}
    assert set(of_distribution(scores, "sampler")["status"]) == {"ok"}


def test_draws_worth_nothing_are_a_failure(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"]["n_eff"] = 0
    failed = (scores := folder.scored()[0])[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_SAMPLES and set(failed["distribution"]) == {"sampler"}
    assert set(failed["reason"]) == {"the draws are worth no independent one"}


def test_samples_may_be_skipped(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"] = {"status": "skipped", "reason": "no sampler", "n_eff": 0, "kind": "exact"}
    del folder.sampled["0"]["model"]
    folder.samples = {}
    scores, each = folder.scored()
    assert set(scores[scores["status"] == "skipped"]["metric"]) == ON_SAMPLES | {"moments_mismatch_ed"}
    assert set(scores[scores["status"] == "skipped"]["distribution"]) == {"model", "sampler"}
    assert set(scores[scores["status"] == "ok"]["metric"]) == ON_DENSITY | {"moments_mismatch_stein"}
    assert each.empty


@pytest.mark.parametrize("distribution", PARTS)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_samples_that_are_not_finite_are_a_failure_of_their_distribution(tmp_path, bad, distribution):
    folder = Folder(tmp_path)
    folder.samples[f"0/{PARTS[distribution]}"][7, 1] = bad
    scores, each = folder.scored()
    failed = scores[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_SAMPLES and set(failed["reason"]) == {"a sample is not finite"}
    assert set(failed["distribution"]) == {distribution} == set(PARTS) - set(each["distribution"])


def test_few_effective_samples_fail_only_what_needs_more(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"]["n_eff"] = 2.5
    rows = by_key(folder.scored()[0])
    statuses = {name: rows[0, "test", name, "sampler"].status for name in ON_SAMPLES}
    assert statuses["mmd2"] == statuses["sliced_wasserstein"] == "failed"
    assert statuses["moments_mismatch_mean"] == statuses["moments_mismatch_w1"] == "failed"
    assert statuses["moments_mismatch_d2"] == rows[0, "test", "mmd2", "model"].status == "ok"


def with_base(path):
    """A job whose model refines a base measure: half of the weight is the data's, draws of the base are wide."""
    folder = Folder(path)
    folder.samples["0/base"] = 3 * folder.samples["0/model"]
    folder.log_prob["0/relative"] = folder.log_prob["0/test"] * 0 + 0.8
    folder.sampled["0"] |= {
        "relative": {"status": "ok", "reason": "", "method": "SMC"},
        "base": {"status": "ok", "reason": "", "sampler": "exact", "n_eff": 150},
    }
    return folder


def test_a_base_measure_is_a_distribution_of_its_own(tmp_path):
    scores, each = with_base(tmp_path).scored()
    rows = by_key(scores)
    base, model = (rows[0, "test", "energy_distance", distribution] for distribution in ("base", "model"))
    assert base.value > 10 * abs(model.value)
    assert (base.status, base.method) == ("ok", "exact") and math.isnan(base.beta)
    assert set(of_distribution(scores, "base")["metric"]) == ON_SAMPLES
    assert len(of_distribution(each, "base")) == 5


def test_what_an_energy_adds_is_the_mean_weight_less_log_z(tmp_path):
    row = by_key(with_base(tmp_path).scored()[0])[0, "test", "kale", "model"]
    assert row.value == pytest.approx(0.3) and row.stderr == pytest.approx(0.01)
    assert (row.status, row.method, row.beta, row.log_z_stderr) == ("ok", "SMC", 1.0, pytest.approx(0.01))


def test_a_model_without_a_density_is_scored_relative_to_its_base_alone(tmp_path):
    folder = with_base(tmp_path)
    folder.sampled["0"]["likelihood"] = {"status": "skipped", "reason": "no density", "method": "none"}
    folder.drop(folder.log_prob, *[f"0/{name}" for name in ("train", "val", "test", "grid")])
    rows = by_key(folder.scored()[0])
    assert rows[0, "test", "nll", "model"].status == "skipped"
    assert rows[0, "test", "kale", "model"].value == pytest.approx(0.3)


def test_where_log_z_failed_there_is_no_gain(tmp_path):
    folder = with_base(tmp_path)
    folder.sampled["0"]["relative"] = {"status": "failed", "reason": "weights", "method": "SMC"}
    row = by_key(folder.scored()[0])[0, "test", "kale", "model"]
    assert row.status == "failed" and math.isnan(row.value)


@pytest.mark.parametrize(("n_eff", "status"), [(49.0, "failed"), (50.0, "ok")])
def test_biased_distances_need_as_many_independent_samples_as_every_side_has(tmp_path, n_eff, status):
    """50 validation rows stand for real data, so 50 samples and 50 test rows are compared."""
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"]["n_eff"] = n_eff
    own = (scores := folder.scored()[0])[(scores["distribution"] == "sampler") & scores["metric"].isin(ON_SAMPLES)]
    biased = own[[described(name).biased_in_n and name not in FULL for name in own["metric"]]]
    others = own[~own.index.isin(biased.index)]
    assert set(biased["status"]) == {status} and set(biased["metric"]) >= {"sliced_wasserstein", "moments_mismatch_w1"}
    assert set(others["metric"]) == {"energy_distance", "mmd2", *FULL, "moments_mismatch_d2"}
    assert set(others.loc[others["metric"] != "moments_mismatch_headroom_test", "status"]) == {"ok"}
    if status == "ok":
        assert set(biased["n"]) == {50}
    else:
        assert set(biased["reason"]) == {"the draws are worth 49 independent ones; 50 are compared on this data set"}
