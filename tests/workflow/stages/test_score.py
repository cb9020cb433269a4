"""Scores of hand-made contract files against values by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core.columns import SCORES, STATISTICS
from ebmbench.core.csv_schema import check
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import read_schema
from ebmbench.evaluation.metrics import mode_fractions
from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages.density_scores import WORTHLESS
from ebmbench.workflow.stages.score import write_scores
from tests.helpers.job_folder import (
    ALL,
    ON_DENSITY,
    ON_GRID,
    ON_MODEL,
    ON_SAMPLES,
    Folder,
    by_key,
    normal,
    of_distribution,
)
from tests.helpers.paths import ROOT

SCHEMA = ROOT / "src/ebmbench/core/schemas" / "scores.schema.yaml"


def test_every_metric_has_a_row_with_the_run_it_belongs_to(tmp_path):
    scores, each = Folder(tmp_path).scored()
    assert tuple(scores.columns) == SCORES and tuple(each.columns) == STATISTICS
    assert set(scores["metric"]) == ALL
    assert len(of_distribution(scores, "model")) == len(ALL) + 2  # nll on three splits
    assert set(of_distribution(scores, "sampler")["metric"]) == ON_SAMPLES and set(scores["distribution"]) == {
        "model",
        "sampler",
    }
    assert not scores.duplicated(["seed", "split", "metric", "distribution"]).any()
    assert set(scores["run"]) == set(each["run"]) == {"toy/ebm-ed-none/s0"}
    assert set(scores["status"]) == {"ok"} and scores[["value", "stderr", "n"]].notna().all(axis=None)


def test_values_are_those_of_the_files(tmp_path):
    folder = Folder(tmp_path)
    rows = by_key(folder.scored()[0])
    pointwise = -normal(folder.data["0/val"]).numpy()
    nll = rows[0, "val", "nll", "model"]
    assert nll.value == pytest.approx(pointwise.mean(), abs=1e-6)
    assert nll.stderr == pytest.approx(math.hypot(pointwise.std(ddof=1) / math.sqrt(50), 0.01), rel=1e-5)
    assert nll.n == 50
    assert nll.value != pytest.approx(pointwise.mean() - 0.5, abs=0.4)  # log Z left out
    kl = rows[0, "exact", "kl", "model"]
    assert abs(kl.value) < kl.stderr == pytest.approx(0.01, rel=1e-3)
    assert rows[0, "exact", "off_support_mass", "model"].value == pytest.approx(math.exp(-8), abs=1e-4)


def test_unique_rows_have_a_likelihood_of_their_own_where_the_data_file_marks_them(tmp_path):
    assert "nll_unique" not in set(Folder(tmp_path / "unmarked").scored()[0]["metric"])
    folder = Folder(tmp_path / "marked", seeds=(0, 1))
    marks = torch.arange(80) % 3 == 0
    folder.data |= {"0/test_unique": marks, "1/test_unique": marks.clone()}
    folder.runs["1"] = {"status": "diverged", "reason": "lost"}
    rows = by_key(folder.scored()[0])
    found, lost = (rows[seed, "test", "nll_unique", "model"] for seed in (0, 1))
    pointwise = -normal(folder.data["0/test"])[marks].numpy()
    assert (found.value, found.n) == (pytest.approx(pointwise.mean(), abs=1e-6), 27)
    assert found.stderr == pytest.approx(math.hypot(pointwise.std(ddof=1) / math.sqrt(27), 0.01), rel=1e-5)
    assert found.value != pytest.approx(rows[0, "test", "nll", "model"].value, abs=1e-3)
    assert (lost.status, lost.reason) == ("diverged", "lost")
    folder.data["0/test_unique"] = marks[:-1]
    with pytest.raises(UserError, match=r"0/test_unique has shape \(79\); allowed: \(80\)"):
        folder.scored()


def test_a_seed_is_scored_alike_alone_and_with_others(tmp_path):
    alone = Folder(tmp_path / "one", seeds=(3,)).scored()[0]
    together = Folder(tmp_path / "two", seeds=(0, 3)).scored()[0]
    pd.testing.assert_frame_equal(alone, together[together["seed"] == 3].reset_index(drop=True))


def test_a_diverged_seed_has_every_row_without_a_value(tmp_path):
    folder = Folder(tmp_path, seeds=(0, 1))
    folder.runs["1"] = {"status": "diverged", "reason": "the loss is nan at step 70"}
    folder.drop(folder.samples, "1/samples", "1/model")
    folder.drop(folder.log_prob, *[name for name in folder.log_prob if name.startswith("1/")])
    del folder.sampled["1"]
    scores, each = folder.scored()
    lost = scores[scores["seed"] == 1]
    assert set(lost["metric"]) == ALL
    assert set(lost["status"]) == {"diverged"} and set(lost["reason"]) == {"the loss is nan at step 70"}
    assert lost[["value", "stderr", "n", "log_z_stderr"]].isna().all(axis=None)
    assert (
        set(of_distribution(lost, "sampler")["metric"]) == ON_SAMPLES
        and of_distribution(lost, "sampler")["beta"].isna().all()
    )
    assert set(scores[scores["seed"] == 0]["status"]) == {"ok"}
    assert set(each["seed"]) == {0}


def test_a_failed_likelihood_leaves_the_samples_metrics(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["likelihood"] = {"status": "failed", "reason": "mass is escaping"}
    # the score is known without log Z
    folder.log_prob = {"0/test_score": folder.log_prob["0/test_score"]}
    scores, _ = folder.scored()
    failed = scores[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_DENSITY and set(failed["reason"]) == {"mass is escaping"}
    assert set(scores[scores["status"] == "ok"]["metric"]) == ON_SAMPLES | ON_MODEL


def test_a_tool_that_gives_neither_score_nor_moved_rows_has_no_residuals(tmp_path):
    folder = Folder(tmp_path)
    folder.drop(folder.log_prob, "0/test_score")
    folder.drop(folder.samples, "0/moved")
    scores, each = folder.scored()
    assert set(scores[scores["status"] == "skipped"]["metric"]) == ON_MODEL
    assert each[["stein", "ed"]].isna().all(axis=None) and each["sae_smooth"].notna().all()


def test_without_a_known_density_nothing_is_exact(tmp_path):
    folder = Folder(tmp_path, known=False, dim=3)
    assert set(folder.scored()[0]["metric"]) == {"nll", "nll_trimmed"} | ON_SAMPLES | ON_MODEL


def test_without_modes_there_is_no_mode_weight(tmp_path):
    folder = Folder(tmp_path)
    folder.drop(folder.data, "grid/component")
    assert set(folder.scored()[0]["metric"]) == ALL - {"mode_weight_error"}


def test_the_error_with_log_z_from_the_data_stands_beside_the_exact_one(tmp_path):
    """A model with a fifth of its mass on the grid: its own log Z tells, that of the test rows does not."""
    folder = Folder(tmp_path)
    for name in ("0/test", "0/grid"):
        folder.log_prob[name] += math.log(0.2)
    rows = by_key(folder.scored()[0])
    exact, blind = rows[0, "exact", "mse_log_density", "model"], rows[0, "test", "mse_log_density_data_z", "model"]
    assert exact.value == pytest.approx(math.log(0.2) ** 2, rel=1e-5)
    assert blind.value < blind.stderr < 1e-9
    assert (blind.method, blind.n, exact.method) == ("importance sampling from the data", 80, "quadrature")
    assert blind.log_z_stderr < 1e-6 < exact.log_z_stderr


def test_the_error_with_log_z_from_the_data_is_that_of_the_files(tmp_path):
    folder = Folder(tmp_path)
    tilt = 0.3 * folder.data["0/test"][:, 0]
    folder.log_prob["0/test"] += tilt
    found = by_key(folder.scored()[0])[0, "test", "mse_log_density_data_z", "model"]
    ratio = tilt.double().numpy() - math.log(np.exp(tilt.double().numpy()).mean())
    assert found.value == pytest.approx((ratio**2).mean(), rel=1e-5)
    assert found.value != pytest.approx(ratio.var(), rel=1e-3)  # as if log Z were the mean of the differences
    assert found.log_z_stderr == pytest.approx(np.exp(ratio).std(ddof=1) / math.sqrt(80), rel=1e-5)


def test_a_known_density_without_a_grid_has_the_error_on_its_test_rows(tmp_path):
    folder = Folder(tmp_path, known=False, dim=3)
    folder.data["0/test_log_prob"] = normal(folder.data["0/test"])
    by_samples = {"kl", "tv", "mse_log_density", "reverse_kl"}
    scores = folder.scored()[0]
    assert set(scores["metric"]) == (ALL - ON_GRID) | by_samples
    rows = by_key(scores)
    kl = rows[0, "exact", "kl", "model"]
    # the model is the truth, and its log Z has a standard error of .01
    assert (kl.value, kl.stderr, kl.n) == pytest.approx((0, 0.01, 80), abs=1e-6)
    assert rows[0, "exact", "reverse_kl", "model"].status == "skipped"


def test_the_divergence_at_the_model_s_own_samples(tmp_path):
    folder = Folder(tmp_path, known=False)
    folder.data["0/test_log_prob"] = normal(folder.data["0/test"])
    log_p = normal(folder.samples["0/model"])
    ratio = torch.linspace(0, 1, 150, dtype=torch.float64)
    folder.log_prob["0/model"] = torch.stack([log_p + ratio + 0.5, log_p])
    found = by_key(folder.scored()[0])[0, "exact", "reverse_kl", "model"]
    assert found.value == pytest.approx(0.5) and found.n == 150 and found.method == "quadrature"
    assert found.stderr == pytest.approx(math.hypot(0.01, float(ratio.std()) / math.sqrt(150)), rel=1e-5)
    folder.log_prob["0/model"] = folder.log_prob["0/model"][:, 1:].contiguous()
    with pytest.raises(UserError, match=r"0/model has shape \(2, 149\); allowed: \(2, 150\)"):
        folder.scored()
    # samples worth nothing have no error
    folder.log_prob["0/model"] = torch.stack([log_p, log_p])
    folder.sampled["0"]["model"]["n_eff"] = 0
    assert by_key(folder.scored()[0])[0, "exact", "reverse_kl", "model"].reason == WORTHLESS


def test_the_modes_of_a_mixture_are_scored_for_every_distribution(tmp_path):
    folder = Folder(tmp_path, known=False)
    centres = torch.tensor([[-3.0, 0.0], [3.0, 0.0]], dtype=torch.float64)
    weights, sd = torch.tensor([0.25, 0.75], dtype=torch.float64), torch.tensor(0.5, dtype=torch.float64)
    folder.data |= {"mixture/centres": centres, "mixture/weights": weights, "mixture/sd": sd}
    folder.samples["0/model"] = centres[:1].repeat(150, 1).float()
    folder.samples["0/samples"] = centres[[0, 1, 1, 1]].repeat(30, 1).float()
    rows = by_key(folder.scored()[0])
    found = {
        distribution: rows[0, "exact", "mode_fraction_error", distribution] for distribution in ("model", "sampler")
    }
    # the exact weights, as so many samples have them on average
    floor = mode_fractions.floor(weights, found["sampler"].n) * math.sqrt(1 - found["sampler"].n / 120)
    assert found["model"].value == pytest.approx(0.75)
    assert found["sampler"].value == pytest.approx(floor, rel=0.02)


def test_a_number_that_is_not_finite_is_a_failure(tmp_path):
    folder = Folder(tmp_path)
    folder.log_prob["0/test"][4] = -math.inf
    rows = by_key(folder.scored()[0])
    nll = rows[0, "test", "nll", "model"]
    assert nll.status == "failed" and "inf" in nll.reason and math.isnan(nll.value)
    assert rows[0, "test", "nll_trimmed", "model"].status == "ok"
    assert rows[0, "test", "mse_log_density_data_z", "model"].status == "failed"


def test_a_divergence_below_zero_is_a_failure_of_the_density(tmp_path):
    """log Z too small by 3: KL would be -3, and the negative log-likelihood better than the truth's."""
    folder = Folder(tmp_path)
    folder.log_prob["0/log_z"] -= 3
    scores, _ = folder.scored()
    rows = by_key(scores)
    kl = rows[0, "exact", "kl", "model"]
    assert (kl.status, math.isnan(kl.value)) == ("failed", True)
    assert kl.reason.startswith("the density is not normalised: KL(data || model) = -3 nats with error 0.01")
    of_density = {row.metric for row in rows.values() if row.status == "failed"}
    # these do not use log Z
    assert of_density == ON_DENSITY - {"mse_log_density_data_z", "moments_mismatch_headroom"}
    check(scores.astype(object).where(scores.notna(), "").astype(str), read_schema(SCHEMA), tmp_path)


@pytest.mark.parametrize(("shift", "status"), [(0.029, "ok"), (0.031, "failed")])
def test_a_divergence_below_zero_within_three_errors_stays(tmp_path, shift, status):
    folder = Folder(tmp_path)
    folder.log_prob["0/log_z"] -= shift
    assert by_key(folder.scored()[0])[0, "exact", "kl", "model"].status == status


def test_the_tables_are_written_without_infinities(tmp_path):
    folder = Folder(tmp_path)
    folder.log_prob["0/grid"][800] = -math.inf
    run_dir, data_file = folder.written()
    write_scores(run_dir, data_file, {"moments": Moments()})
    table = pd.read_csv(run_dir / "scores.csv", dtype=str, keep_default_na=False)
    kl = table[table["metric"] == "kl"].iloc[0]
    assert (kl["value"], kl["stderr"], kl["n"], kl["status"]) == ("", "", "", "failed")
    values = table["value"][table["status"] == "ok"].astype(float)
    assert np.isfinite(values).all()
    names = ["x0", "x1", "x0*x0", "x0*x1", "x1*x1"]
    assert list(pd.read_csv(run_dir / "statistics.csv")["statistic"]) == 2 * names
    check(table, read_schema(SCHEMA), run_dir / "scores.csv")
