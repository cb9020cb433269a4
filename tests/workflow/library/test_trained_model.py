"""Trained models in use: their densities, samples and tilts, in the units of their data."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import multivariate_normal

import ebmbench
from ebmbench.core import files
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.data.coordinates import Scaling
from ebmbench.evaluation.metrics.two_sample import Ground
from ebmbench.workflow.library import trained_model
from tests.helpers.finished_runs import write_run

DIGITS = Cell("digits", "gaussian", "ml", "none")
RING = Cell("ring8_unequal", "ebm", "ed", "none")
SIZES = {"train": 2000, "val": 200, "test": 500}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    write_run(folder, DIGITS, {"dataset": {}, "family": {}})
    write_run(folder, RING, {"dataset": SIZES, "family": {"width": 16, "depth": 1}}, steps=200)
    return folder


def folder_of(results, cell):
    return results / "runs" / cell.dataset / cell.method


@pytest.fixture
def digits(results):
    return ebmbench.load_run(folder_of(results, DIGITS), seed=1), ebmbench.load_dataset("digits", seed=1)


@pytest.fixture
def ring(results):
    return ebmbench.load_run(folder_of(results, RING), seed=1)


def test_a_gaussian_on_a_table_is_the_normal_fit_in_its_own_units(digits):
    model, data = digits
    # the map's log-determinant and its transpose are in these two lines
    normal = multivariate_normal(data.train.mean(0), np.cov(data.train.T, bias=True))
    np.testing.assert_allclose(model.log_prob(data.test), normal.logpdf(data.test), atol=5e-3)
    score = -np.linalg.solve(normal.cov_object.covariance, (data.test - normal.mean).T).T
    np.testing.assert_allclose(model.score(data.test), score, atol=1e-3 * np.abs(score).max())


def test_a_model_is_shown_in_a_line_without_its_weights(ring, digits):
    model, data = digits
    assert repr(ring) == (
        "<TrainedModel ring8_unequal/ebm-ed-none/s1: 2 columns (0, 1); "
        f"log Z = {ring.log_z.value:.4g}, standard error {ring.log_z.stderr:.2g}>"
    ).replace("e-0", "e-")
    assert repr(model).startswith("<TrainedModel digits/gaussian-ml-none/s1: 64 columns (")
    assert ", ...); log Z = 0, standard error 0>" in repr(model)
    rows = ", ".join(f"{len(getattr(data, split))} {split}" for split in ("train", "val", "test"))
    assert repr(data).startswith("<LoadedDataset digits, seed 1: 64 columns (")
    assert repr(data).endswith(f"; {rows} rows>")


def test_samples_of_a_table_have_its_means_and_covariance(digits):
    model, data = digits
    drawn = model.sample(20_000)
    deviation = data.train.std(0)
    assert np.abs((drawn.mean(0) - data.train.mean(0)) / deviation).max() < 5 / np.sqrt(20_000)
    np.testing.assert_allclose(drawn.std(0), deviation, rtol=5 / np.sqrt(40_000))


@pytest.mark.parametrize("wrong", ["log_det", "gradient"])
def test_a_wrong_map_of_units_is_seen(digits, monkeypatch, wrong):
    model, _ = digits
    coordinates = type(model.units.coordinates)
    broken = {"log_det": property(lambda self: 0.0), "gradient": lambda self, of_z: of_z}
    monkeypatch.setattr(coordinates, wrong, broken[wrong])
    with pytest.raises(AssertionError):
        test_a_gaussian_on_a_table_is_the_normal_fit_in_its_own_units(digits)


def test_log_densities_are_those_that_the_run_recorded(results, ring):
    recorded = files.under(files.read_tensors(folder_of(results, RING) / "seeds0-1/log_prob.safetensors"), 1)
    rows = files.under(files.read_rows(results / "data/ring8_unequal/seeds0-1.safetensors"), 1)
    expected = recorded["test"].double() - recorded["log_z"]
    np.testing.assert_allclose(ring.log_prob(rows["test"]), expected, atol=1e-6)
    np.testing.assert_allclose(ring.energy(rows["test"]) + ring.log_prob(rows["test"]), -ring.log_z.value, atol=1e-6)
    assert ring.log_z.stderr < 1e-3 and ring.log_z.method == "quadrature"


def test_samples_are_of_the_runs_distribution(results, ring):
    """By the suite's own distance to the run's draws: fresh samples are near, the data are not."""
    drawn = files.under(files.read_tensors(folder_of(results, RING) / "seeds0-1/samples.safetensors"), 1)["model"]
    distances = Ground(drawn.double()).distances
    fresh = distances(ring.units.to_model(ring.sample(500)).double())["energy_distance"]
    data = distances(ring.job.data.of(1).splits.test.double())["energy_distance"]
    assert abs(fresh.value) < 4 * fresh.stderr
    assert data.value > 4 * data.stderr


def test_seeds_decide_samples(ring):
    assert np.array_equal(ring.sample(20), ring.sample(20))
    assert not np.array_equal(ring.sample(20), ring.sample(20, seed=1))
    assert ring.run_sampler(30).shape == (30, 2)


def test_a_table_may_have_its_columns_in_any_order(digits):
    model, data = digits
    frame = data.frame("test")
    shuffled = frame[list(frame.columns[::-1])].assign(further=1.0)
    np.testing.assert_array_equal(model.log_prob(shuffled), model.log_prob(frame))
    assert list(model.sample_frame(3).columns) == list(frame.columns)


def test_a_tilt_has_the_means_of_the_training_rows(ring):
    tilted = ring.tilt("means")
    train = ring.job.data.of(1).splits.train.double().numpy()
    axis = np.linspace(-20, 20, 400, endpoint=False) + 0.05
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    before, after = (np.exp(model.log_prob(points)) * 0.1**2 for model in (ring, tilted))
    assert abs(after.sum() - 1) < 1e-3 and abs(before.sum() - 1) < 1e-3
    np.testing.assert_allclose(after @ points, train.mean(0), atol=2e-3)
    assert np.abs(before @ points - train.mean(0)).max() > 0.02
    with pytest.raises(UserError, match="has statistics already: means"):
        tilted.tilt("means")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((3, 3)), r"rows of shape \(3, 3\); allowed: \(N, 2\)"),
        ([[0.0, np.nan]], "row 0, column 1 is nan; allowed: finite numbers"),
        (
            [[0.0, 0.0], [0.0, -1e39]],
            r"row 1, column 1 is -1e\+39; allowed: numbers within the range of single precision",
        ),
        ([[1e300, 0.0]], r"row 0, column 0 is 1e\+300; allowed: numbers within the range of single precision"),
        ([["a", "b"]], "rows that are not numbers"),
        (pd.DataFrame({"0": [1.0]}), "no column 1; unknown: none; needed: 0, 1"),
        (pd.DataFrame({"0": [1.0], "x1": [1.0]}), r"no column 1; did you mean x1\? unknown: x1; needed: 0, 1"),
        (pd.DataFrame([[1.0, 2.0, 3.0]], columns=["0", "1", "0"]), "has 2 columns 0; allowed: one of each name"),
        (pd.DataFrame([[1.0, 2.0, 3.0]], columns=["0", "1", 0]), "has 2 columns 0; allowed: one of each name"),
    ],
)
def test_rows_that_are_none_of_the_data_set_are_refused(ring, rows, message):
    for asked in (ring.log_prob, ring.energy, ring.score):
        with pytest.raises(UserError, match=message):
            asked(rows)


@pytest.mark.parametrize(
    "given",
    [
        pd.DataFrame,
        lambda rows: pd.DataFrame(rows)[[1, 0]],
        lambda rows: torch.tensor(rows, requires_grad=True),
        lambda rows: rows.tolist(),
    ],
    ids=["numbered columns", "numbered columns in another order", "tensor with a gradient", "list"],
)
def test_rows_may_have_several_forms(ring, given):
    rows = ring.sample(5)
    np.testing.assert_array_equal(ring.log_prob(given(rows)), ring.log_prob(rows))


def test_what_cannot_be_loaded_is_said(results, ring, tmp_path):
    with pytest.raises(UserError, match="no trained run; allowed: a folder"):
        ebmbench.load_run(tmp_path)
    with pytest.raises(UserError, match="no seed 7; allowed: 0, 1"):
        ebmbench.load_run(folder_of(results, RING), seed=7)
    with pytest.raises(UserError, match="not a set of statistics; allowed: s1"):
        ring.tilt("nothing")


@pytest.mark.parametrize("wrong", [0, "10", 10.0, None])
def test_numbers_of_samples_that_are_not_whole_and_positive_are_refused(ring, wrong):
    for draw in (ring.sample, ring.sample_frame, ring.run_sampler):
        with pytest.raises(UserError, match=f"number of samples = {wrong!r}; allowed: a whole number, 1 or more"):
            draw(wrong)


@pytest.mark.parametrize("wrong", ["0", 1.5, -1])
def test_seeds_that_are_not_whole_numbers_are_refused(results, ring, wrong):
    for use in (
        lambda: ebmbench.load_run(folder_of(results, RING), seed=wrong),
        lambda: ebmbench.load_dataset("moons", seed=wrong),
        lambda: ring.sample(3, seed=wrong),
    ):
        with pytest.raises(UserError, match=f"^seed = {wrong!r}; allowed: a whole number, 0 or more"):
            use()


@pytest.mark.parametrize(
    ("statistics", "message"),
    [
        ("none", r"^tilt: statistics = 'none' has no means to match; .*allowed: s1, (?!.*none)"),
        (["moments"], r"^tilt: statistics = \['moments'\]; write one name, such as 'moments'"),
    ],
)
def test_a_tilt_takes_one_name_of_statistics_that_have_means(ring, statistics, message):
    with pytest.raises(UserError, match=message):
        ring.tilt(statistics)


def edited(results, name, change):
    """A copy of the ring's run in which the entry of seed 1 in a file is changed."""
    path = folder_of(results, RING) / "seeds0-1" / name
    before = path.read_text()
    content = json.loads(before)
    change(content["runs"]["1"])
    path.write_text(json.dumps(content))
    return path, before


def test_failures_of_training_and_of_log_z_are_said(results):
    path, before = edited(results, "run.json", lambda run: run.update(status="diverged", reason="loss is nan"))
    try:
        with pytest.raises(UserError, match="seed 1 ended with diverged: loss is nan"):
            ebmbench.load_run(folder_of(results, RING), seed=1)
    finally:
        path.write_text(before)
    failed = {"status": "failed", "reason": "particles", "method": "smc"}
    path, before = edited(results, "sampling.json", lambda run: run["likelihood"].update(failed))
    try:
        model = ebmbench.load_run(folder_of(results, RING), seed=1)
        assert np.isfinite(model.energy([[0.0, 0.0]])).all() and repr(model).endswith("; log Z failed>")
        with pytest.raises(UserError, match="no log-density, because log Z is failed: particles"):
            model.log_prob([[0.0, 0.0]])
    finally:
        path.write_text(before)


def test_a_data_set_whose_map_is_not_that_of_the_run_is_refused(results, monkeypatch):
    monkeypatch.setattr("ebmbench.data.digits.Digits.coordinates", lambda self, seed: Scaling(64))
    with pytest.raises(UserError, match="its class must define coordinates"):
        trained_model.TrainedModel.of(folder_of(results, DIGITS), 1)
