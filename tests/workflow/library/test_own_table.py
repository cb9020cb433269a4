"""A table of one's own is used in its own units and by its own names, from Python and on the command line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import multivariate_normal

import ebmbench
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.app import run
from tests.data.own_table.tables import COLUMNS, measured
from tests.helpers.finished_runs import write_run

CELL = Cell("mine", "gaussian", "ml", "none")

#: far from 0 and from unit variance, so that coordinates of models are seen at once
SCALES = {"height": 30.0, "weight": 12.0, "dose": 0.01, "age": 500.0}


def table():
    return (measured() * pd.Series(SCALES) + pd.Series(SCALES) * 10).assign(site="north")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table().to_csv("mine.csv", index=False)
    entry = {"kind": "table", "path": "mine.csv", "drop": ["site"]}
    rest = {"families": {"gaussian": {}}, "losses": {"ml": {}}, "stats": {"none": {}}}
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(rest | {"datasets": {"mine": entry}}))
    return entry


def trained(entry):
    write_run("results", CELL, {"dataset": entry, "family": {}})
    return ebmbench.load_run("results/runs/mine/gaussian-ml-none", seed=1)


def test_rows_are_those_of_the_file(project):
    data = ebmbench.load_dataset("mine", seed=1, **project | {"path": Path("mine.csv")})
    assert data.columns == COLUMNS and list(data.frame("test").columns) == COLUMNS
    # the noise stays within half a step, so that rounding gives the rows back, in another order
    steps = np.array([SCALES[name] for name in COLUMNS]) * [0.001, 0.01, 0.001, 0.001]
    found, expected = (
        np.round(rows / steps).astype(int)
        for rows in (np.concatenate([data.train, data.val, data.test]), table()[COLUMNS].to_numpy())
    )
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))


def test_densities_and_samples_of_a_trained_model_are_in_its_units(project):
    model = trained(project)
    data = ebmbench.load_dataset("mine", seed=1, **project)
    assert list(model.columns) == COLUMNS
    normal = multivariate_normal(data.train.mean(0), np.cov(data.train.T, bias=True))
    np.testing.assert_allclose(model.log_prob(data.frame("test")[COLUMNS[::-1]]), normal.logpdf(data.test), atol=5e-3)
    drawn = model.sample_frame(5000)
    assert list(drawn.columns) == COLUMNS
    assert (np.abs(drawn.mean() - data.train.mean(0)) < 5 * data.train.std(0) / np.sqrt(5000)).all()


def test_the_command_line_gives_and_takes_its_units(project, capsys):
    trained(project)
    words = ["results/runs/mine/gaussian-ml-none", "--seed", "1", "-n", "500", "--out", "drawn.csv"]
    assert run(["sample", *words]) == 0
    drawn = pd.read_csv("drawn.csv")
    assert list(drawn.columns) == COLUMNS
    np.testing.assert_allclose(drawn.mean(), table()[COLUMNS].mean(), rtol=0.05)
    rest = ["--dataset", "mine", "--seed", "1", "--configfile", "my.yaml", "--root", "."]
    scored = {}
    for units in ("own", "model"):
        assert run(["score", "--samples", "drawn.csv", *rest, "--units", units, "--out", units]) == 0
        scored[units] = pd.read_csv(f"{units}/scores.csv").set_index(["metric", "split", "distribution"])["value"]
        assert ("taken in the data's own units" in capsys.readouterr().err) == (units == "own")
    # in the coordinates of models the same numbers are far from the data
    distance = ("energy_distance", "test", "model")
    assert scored["own"][distance] < 0.05 < 1 < scored["model"][distance]


def test_rows_and_log_densities_in_own_units_score_as_in_the_coordinates_of_models(project):
    data = ebmbench.load_dataset("mine", seed=1, **project)
    rest = ["--dataset", "mine", "--seed", "1", "--configfile", "my.yaml", "--root", "."]
    for units in ("own", "model"):
        assert run(["rows", "--out", f"{units}.npz", "--units", units, *rest]) == 0
    own, model = np.load("own.npz"), np.load("model.npz")
    np.testing.assert_allclose(own["test"], data.test)
    assert np.abs(model["train"].mean(0)).max() < 1e-6
    scores = []
    for units, rows in (("own", own), ("model", model)):
        normal = multivariate_normal(rows["train"].mean(0), np.cov(rows["train"].T, bias=True))
        np.savez("given.npz", samples=rows["val"].repeat(2, 0), test_log_prob=normal.logpdf(rows["test"]))
        assert run(["score", "--samples", "given.npz", *rest, "--units", units, "--out", "out"]) == 0
        scores.append(pd.read_csv("out/scores.csv").set_index(["metric", "split", "distribution"])["value"])
    assert ("nll", "test", "model") in scores[0].index
    pd.testing.assert_series_equal(*scores, rtol=1e-4)


def test_a_run_whose_file_has_changed_since_is_refused_in_one_line(project):
    trained(project)
    moved = table()
    # the same covariance: only the file shows that the units are others
    moved.assign(height=moved["height"] + 1).to_csv("mine.csv", index=False)
    with pytest.raises(
        UserError, match=r"mine\.csv: the file has changed since the run of mine was made; run snakemake"
    ):
        ebmbench.load_run("results/runs/mine/gaussian-ml-none", seed=1)
