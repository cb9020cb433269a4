"""Scores of hand-made contract files against values by hand."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.columns import SCORES, STATISTICS
from ebmbench.errors import UserError
from ebmbench.files import write_json, write_tensors
from ebmbench.rows import check, read_schema
from ebmbench.stages.score import score, write
from ebmbench.statistics.moments import Moments

SCHEMA = Path(__file__).parents[2] / "workflow" / "schemas" / "scores.schema.yaml"
N, BOX = 40, 6.0
SIZES = {"train": 90, "val": 50, "test": 80}
ON_DENSITY = {"nll", "nll_trimmed", "kl", "tv", "mse_log_density", "off_support_mass", "mode_weight_error"}
ON_SAMPLES = {"energy_distance", "mmd2", "sliced_wasserstein"} | {
    f"moments_mismatch_{summary}" for summary in ("mean", "max", "rms", "share", "floor")
}


def normal(x):
    return -0.5 * x.double().square().sum(1) - math.log(2 * math.pi)


def draws(n, seed, dim=2):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def grid():
    axis = -BOX + 2 * BOX / N * (torch.arange(N) + 0.5)
    return torch.cartesian_prod(axis, axis)


class Folder:
    """The files of one job on standard normal rows, to be changed before they are written."""

    def __init__(self, path, seeds=(0,), known=True, dim=2):
        self.run_dir, self.data_file = path / "run", path / "data.safetensors"
        self.data, self.samples, self.log_prob = {}, {}, {}
        self.runs, self.sampled = {}, {}
        self.facts = {"dataset": "toy", "grid": {"n": N, "box": BOX} if known else None}
        if known:
            points = grid()
            self.data |= {"grid/points": points, "grid/log_prob": normal(points)}
            self.data["grid/component"] = (points[:, 0] > 0).long()
        for seed in seeds:
            self.add(seed, dim, known)

    def add(self, seed, dim, known):
        """A model that is the truth, with log p~ = log p + .5 and log Z = .5, and samples of its own."""
        for number, (split, size) in enumerate(SIZES.items()):
            self.data[f"{seed}/{split}"] = draws(size, 10 * seed + number, dim)
            self.log_prob[f"{seed}/{split}"] = (normal(self.data[f"{seed}/{split}"]) + 0.5).float()
        if known:
            self.log_prob[f"{seed}/grid"] = (self.data["grid/log_prob"] + 0.5).float()
        self.log_prob[f"{seed}/log_z"] = torch.tensor(0.5, dtype=torch.float64)
        self.log_prob[f"{seed}/log_z_stderr"] = torch.tensor(0.01, dtype=torch.float64)
        self.samples[f"{seed}/samples"] = draws(120, 10 * seed + 5, dim)
        self.runs[str(seed)] = {"status": "ok", "reason": ""}
        self.sampled[str(seed)] = {
            "likelihood": {"status": "ok", "reason": "", "method": "quadrature"},
            "samples": {"status": "ok", "reason": "", "sampler": "exact", "n_eff": 120},
        }

    def drop(self, tensors, *names):
        for name in names:
            del tensors[name]

    def written(self):
        write_tensors(self.data_file, self.data)
        write_json(self.data_file.with_suffix(".json"), self.facts)
        cell = {"dataset": "toy", "family": "ebm", "loss": "ed", "stats": "none"}
        write_json(self.run_dir / "run.json", {"cell": cell, "runs": self.runs})
        write_json(self.run_dir / "sampling.json", {"runs": self.sampled})
        for name, tensors in (("samples", self.samples), ("log_prob", self.log_prob)):
            if tensors:
                write_tensors(self.run_dir / f"{name}.safetensors", tensors)
        return self.run_dir, self.data_file

    def scored(self):
        return score(*self.written(), {"moments": Moments()})


def by_key(scores):
    return {(row.seed, row.split, row.metric): row for row in scores.itertuples()}


def test_every_metric_has_a_row_with_the_run_it_belongs_to(tmp_path):
    scores, each = Folder(tmp_path).scored()
    assert tuple(scores.columns) == SCORES and tuple(each.columns) == STATISTICS
    assert set(scores["metric"]) == ON_DENSITY | ON_SAMPLES
    assert len(scores) == len(ON_DENSITY | ON_SAMPLES) + 2  # nll on three splits
    assert set(scores["run"]) == set(each["run"]) == {"toy/ebm-ed-none/s0"}
    assert set(scores["status"]) == {"ok"} and scores[["value", "stderr", "n"]].notna().all(axis=None)


def test_values_are_those_of_the_files(tmp_path):
    folder = Folder(tmp_path)
    rows = by_key(folder.scored()[0])
    pointwise = -normal(folder.data["0/val"]).numpy()
    nll = rows[0, "val", "nll"]
    assert nll.value == pytest.approx(pointwise.mean(), abs=1e-6)
    assert nll.stderr == pytest.approx(math.hypot(pointwise.std(ddof=1) / math.sqrt(50), 0.01), rel=1e-5)
    assert nll.n == 50
    assert nll.value != pytest.approx(pointwise.mean() - 0.5, abs=0.4)  # log Z left out
    kl = rows[0, "exact", "kl"]
    assert abs(kl.value) < kl.stderr == pytest.approx(0.01, rel=1e-3)
    assert rows[0, "exact", "off_support_mass"].value == pytest.approx(math.exp(-8), abs=1e-4)


def test_the_mismatch_rests_on_samples_against_test_rows_and_n_eff(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"]["n_eff"] = 60
    scores, each = folder.scored()
    x0 = each[each["statistic"] == "x0"].iloc[0]
    model, test = (folder.samples["0/samples"][:, 0].numpy(), folder.data["0/test"][:, 0].numpy())
    assert x0["set"] == "moments" and len(each) == 5
    assert x0["sae"] == pytest.approx(abs(model.mean() - test.mean()) / test.std(ddof=1), rel=1e-4)
    variance = model.var(ddof=1) / 60 + test.var(ddof=1) / 80
    assert x0["stderr"] == pytest.approx(math.sqrt(variance) / test.std(ddof=1), rel=1e-4)
    assert x0["floor"] != pytest.approx(x0["sae"])
    rows = by_key(scores)
    assert rows[0, "test", "moments_mismatch_mean"].value == pytest.approx(each["sae"].mean())
    assert rows[0, "test", "energy_distance"].n == 60


def test_a_seed_is_scored_alike_alone_and_with_others(tmp_path):
    alone = Folder(tmp_path / "one", seeds=(3,)).scored()[0]
    together = Folder(tmp_path / "two", seeds=(0, 3)).scored()[0]
    pd.testing.assert_frame_equal(alone, together[together["seed"] == 3].reset_index(drop=True))


def test_a_diverged_seed_has_every_row_without_a_value(tmp_path):
    folder = Folder(tmp_path, seeds=(0, 1))
    folder.runs["1"] = {"status": "diverged", "reason": "the loss is nan at step 70"}
    folder.drop(folder.samples, "1/samples")
    folder.drop(folder.log_prob, *[name for name in folder.log_prob if name.startswith("1/")])
    del folder.sampled["1"]
    scores, each = folder.scored()
    lost = scores[scores["seed"] == 1]
    assert set(lost["metric"]) == ON_DENSITY | ON_SAMPLES
    assert set(lost["status"]) == {"diverged"} and set(lost["reason"]) == {"the loss is nan at step 70"}
    assert lost[["value", "stderr", "n"]].isna().all(axis=None)
    assert set(scores[scores["seed"] == 0]["status"]) == {"ok"}
    assert set(each["seed"]) == {0}


def test_a_failed_likelihood_leaves_the_samples_metrics(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["likelihood"] = {"status": "failed", "reason": "mass is escaping"}
    folder.log_prob = {}
    scores, _ = folder.scored()
    failed = scores[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_DENSITY and set(failed["reason"]) == {"mass is escaping"}
    assert set(scores[scores["status"] == "ok"]["metric"]) == ON_SAMPLES


def test_samples_may_be_skipped(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"] = {"status": "skipped", "reason": "no sampler", "n_eff": 0}
    folder.samples = {}
    scores, each = folder.scored()
    assert set(scores[scores["status"] == "skipped"]["metric"]) == ON_SAMPLES
    assert set(scores[scores["status"] == "ok"]["metric"]) == ON_DENSITY
    assert each.empty


def test_without_a_known_density_nothing_is_exact(tmp_path):
    folder = Folder(tmp_path, known=False, dim=3)
    assert set(folder.scored()[0]["metric"]) == {"nll", "nll_trimmed"} | ON_SAMPLES


def test_without_modes_there_is_no_mode_weight(tmp_path):
    folder = Folder(tmp_path)
    folder.drop(folder.data, "grid/component")
    assert set(folder.scored()[0]["metric"]) == (ON_DENSITY | ON_SAMPLES) - {"mode_weight_error"}


def test_a_number_that_is_not_finite_is_a_failure(tmp_path):
    folder = Folder(tmp_path)
    folder.log_prob["0/test"][4] = -math.inf
    rows = by_key(folder.scored()[0])
    assert rows[0, "test", "nll"].status == "failed" and "inf" in rows[0, "test", "nll"].reason
    assert math.isnan(rows[0, "test", "nll"].value)
    assert rows[0, "test", "nll_trimmed"].status == "ok"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_samples_that_are_not_finite_are_a_failure(tmp_path, bad):
    folder = Folder(tmp_path)
    folder.samples["0/samples"][7, 1] = bad
    scores, each = folder.scored()
    failed = scores[scores["status"] == "failed"]
    assert set(failed["metric"]) == ON_SAMPLES and set(failed["reason"]) == {"a sample is not finite"}
    assert each.empty


def test_few_effective_samples_fail_only_what_needs_more(tmp_path):
    folder = Folder(tmp_path)
    folder.sampled["0"]["samples"]["n_eff"] = 2.5
    rows = by_key(folder.scored()[0])
    assert rows[0, "test", "mmd2"].status == rows[0, "test", "sliced_wasserstein"].status == "failed"
    assert rows[0, "test", "moments_mismatch_mean"].status == "ok"


def resized(name, shape):
    def change(folder):
        tensors = folder.data if name == "grid/log_prob" else folder.log_prob
        (folder.samples if name == "0/samples" else tensors)[name] = torch.zeros(shape)

    return change


WRONG = {
    "samples of another dimension": (
        resized("0/samples", (120, 3)),
        r"samples.safetensors: 0/samples has shape \(120, 3\); allowed: \(any, 2\)",
    ),
    "flat samples": (resized("0/samples", (120,)), r"0/samples has shape \(120\); allowed: \(any, 2\)"),
    "one sample": (resized("0/samples", (1, 2)), "0/samples has 1 rows; allowed: 2 or more"),
    "log-density of other rows": (
        resized("0/test", (79,)),
        r"log_prob.safetensors: 0/test has shape \(79\); allowed: \(80\)",
    ),
    "log-density as a column": (resized("0/val", (50, 1)), r"0/val has shape \(50, 1\); allowed: \(50\)"),
    "another grid": (resized("0/grid", (10,)), r"0/grid has shape \(10\); allowed: \(1600\)"),
    "log Z as a vector": (resized("0/log_z", (1,)), r"0/log_z has shape \(1\); allowed: \(\)"),
    "no samples": (lambda f: f.samples.clear(), "samples.safetensors: 0/samples is missing"),
    "no log Z": (lambda f: f.drop(f.log_prob, "0/log_z"), "log_prob.safetensors: 0/log_z is missing"),
    "no n_eff": (lambda f: f.sampled["0"]["samples"].pop("n_eff"), "n_eff = None; allowed: a number above 0"),
    "no outcome": (lambda f: f.sampled["0"].pop("samples"), "sampling.json: runs.0.samples is missing"),
    "no status": (lambda f: f.runs.update({"0": {}}), "run.json: runs.0.status is missing; allowed: ok, "),
    "no rows": (lambda f: f.drop(f.data, "0/test"), "data.safetensors: 0/test is missing"),
    "a grid without a size": (lambda f: f.facts.update(grid=None), "data.json: grid = None; allowed: n"),
    "a grid of another size": (resized("grid/log_prob", (9,)), r"grid/log_prob has shape \(9\); allowed: \(1600\)"),
    "another data set": (lambda f: f.facts.update(dataset="moons"), "data set moons; allowed: toy"),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_do_not_fit_are_refused_in_one_line(tmp_path, case):
    change, message = WRONG[case]
    folder = Folder(tmp_path)
    change(folder)
    with pytest.raises(UserError, match=message) as raised:
        folder.scored()
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path):
    run_dir, data_file = Folder(tmp_path).written()
    (run_dir / "run.json").unlink()
    with pytest.raises(UserError, match=r"run\.json: the file is missing"):
        score(run_dir, data_file, {})


def test_the_tables_are_written_without_infinities(tmp_path):
    folder = Folder(tmp_path)
    folder.log_prob["0/grid"][800] = -math.inf
    run_dir, data_file = folder.written()
    write(run_dir, data_file, {"moments": Moments()})
    table = pd.read_csv(run_dir / "scores.csv", dtype=str, keep_default_na=False)
    kl = table[table["metric"] == "kl"].iloc[0]
    assert (kl["value"], kl["stderr"], kl["n"], kl["status"]) == ("", "", "", "failed")
    values = table["value"][table["status"] == "ok"].astype(float)
    assert np.isfinite(values).all()
    assert list(pd.read_csv(run_dir / "statistics.csv")["statistic"]) == ["x0", "x1", "x0*x0", "x0*x1", "x1*x1"]
    check(table, read_schema(SCHEMA), run_dir / "scores.csv")
