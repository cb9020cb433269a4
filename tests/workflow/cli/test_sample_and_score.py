"""Samples go from `ebmbench sample` into `ebmbench score` as they are, in the data set's own units."""

import numpy as np
import pandas as pd
import pytest

import ebmbench
from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.evaluation.external_samples.archive import ExternalSamples
from ebmbench.evaluation.external_samples.csv_samples import parse_csv
from ebmbench.evaluation.external_samples.units import OWN
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages.external_samples import write_external_scores
from tests.helpers.finished_runs import write_run
from tests.helpers.paths import ROOT

#: a table whose rows are whitened for models
CELL = Cell("digits", "gaussian", "ml", "none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Samples of a trained model: own.csv as the command writes them, and rows.npz in the coordinates of models."""
    results = tmp_path_factory.mktemp("results")
    trained = write_run(results, CELL, {"dataset": {}, "family": {}})
    assert run(["sample", str(trained), "-n", "300", "--seed", "1", "--out", str(results / "own.csv")]) == 0
    model = ebmbench.load_run(trained, seed=1)
    np.savez(results / "rows.npz", samples=model.units.to_model(model.sample(300)).numpy())
    return results


def scores_of(path, *options):
    """The scores that the command writes, and what it tells of the file."""
    out = path.parent / "out"
    words = ["score", "--samples", path, "--dataset", CELL.dataset, "--seed", 1, "--root", ROOT, "--out", out]
    assert run([str(word) for word in (*words, *options)]) == 0
    return pd.read_csv(out / "scores.csv")


def test_the_table_that_sample_writes_scores_as_the_samples_in_the_coordinates_of_rows(folder, capsys):
    expected = scores_of(folder / "rows.npz")
    assert "own units" not in capsys.readouterr().err
    found = scores_of(folder / "own.csv", "--units", "own")
    assert "its values are taken in the data's own units, not in the coordinates of" in capsys.readouterr().err
    pd.testing.assert_frame_equal(found, expected, rtol=1e-4, atol=1e-6)
    # positions do not name columns, so that without the option these values are taken for whitened ones
    other = scores_of(folder / "own.csv")
    far = other.merge(expected, on=["metric", "split", "distribution"], suffixes=("", "_of_rows"))
    energy = far[far["metric"] == "energy_distance"]
    assert (energy["value"] > 10 * energy["value_of_rows"].abs()).all() and len(energy)


def test_the_file_has_every_digit_of_the_samples(folder):
    drawn = ebmbench.load_run(folder / "runs" / CELL.dataset / CELL.method, seed=1).sample_frame(300)
    written = pd.read_csv(folder / "own.csv")
    np.testing.assert_array_equal(written.to_numpy(), drawn.to_numpy())
    assert (written.to_numpy() != np.vectorize("{:.9g}".format)(drawn.to_numpy()).astype(float)).any()


@pytest.mark.parametrize(
    ("header", "columns", "named"),
    [
        ("height,dose", ["height", "dose"], True),
        ("dose,height", ["height", "dose"], True),
        ("a,b", ["height", "dose"], False),
        ("0,1", ["height", "dose"], False),
        ("0,1", ["0", "1"], False),
    ],
)
def test_the_names_of_columns_say_that_a_table_is_in_own_units(header, columns, named):
    assert parse_csv(f"{header}\n1,2\n3,4\n".encode(), columns).named is named


def test_a_table_with_the_columns_of_its_data_set_needs_no_option(folder, monkeypatch):
    digits = plugins.load("dataset", CELL.dataset)
    names = [f"pixel{place}" for place in range(digits.dim)]
    monkeypatch.setattr(type(digits), "column_names", lambda self: names)
    own = pd.read_csv(folder / "own.csv").set_axis(names, axis=1)
    own[names[::-1]].to_csv(folder / "named.csv", index=False)
    found = []
    for name in ("rows.npz", "named.csv"):
        write_external_scores({1: folder / name}, CELL.dataset, digits, {}, ROOT / "results/reference", folder / "out")
        found.append(pd.read_csv(folder / "out/scores.csv"))
    pd.testing.assert_frame_equal(*found, rtol=1e-4, atol=1e-6)


def test_log_densities_change_by_the_jacobian():
    """A normal distribution in own units is one with other moments in the coordinates of models."""
    digits = plugins.load("dataset", "digit_images")
    map_of = digits.coordinates(0)
    x = np.random.default_rng(0).normal(8.0, 3.0, size=(5, digits.dim))
    log_q = -0.5 * np.square((x - 8) / 3).sum(1) - digits.dim * np.log(3 * np.sqrt(2 * np.pi))
    found = OWN.to_model(map_of, ExternalSamples(x, {"test": log_q}))
    # levels 0 to 16 are [-1, 1], so that the standard deviation is 3 / 8 around 0
    expected = -0.5 * np.square(found.samples / 0.375).sum(1) - digits.dim * np.log(0.375 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(found.log_prob["test"], expected, rtol=1e-12)
    assert np.abs(log_q - expected).min() > 100
