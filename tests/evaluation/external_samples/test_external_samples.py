"""A user's samples: what is refused before anything is written, and what is told of the truth and of less."""

import math

import numpy as np
import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.evaluation.external_samples import archive
from ebmbench.evaluation.external_samples.archive import GivenError
from ebmbench.models.statistics.moments import Moments
from ebmbench.provenance.audit.documented_numbers import committed_rows, rows_by_key
from ebmbench.provenance.audit.documented_numbers import rows as rows_of
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages.external_samples import write_external_scores
from tests.helpers.external_model import NAME, normal_model
from tests.helpers.paths import ROOT

REFERENCE = ROOT / "results/reference"


def good(n=200, dim=2):
    return np.random.default_rng(0).normal(size=(n, dim))


def with_nan():
    samples = good()
    samples[17, 1] = math.nan
    return samples


SIZES = {"train": 30, "val": 20, "test": 10, "grid": 16}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"samples": good(dim=3)}, r"samples has shape \(200, 3\); allowed: \(N, 2\)"),
        ({"samples": good()[:, 0]}, r"samples has shape \(200,\); allowed: \(N, 2\)"),
        ({"samples": good(99)}, "samples has 99 rows; allowed: 100 or more"),
        ({"samples": with_nan()}, r"samples row 17 holds a NaN or an infinite value \(1 rows do\)"),
        ({"samples": good().astype(str)}, "samples holds <U.*; allowed: real numbers"),
        (
            {"draws": good()},
            "draws is unknown; allowed: samples, train_log_prob, val_log_prob, test_log_prob, grid_log_prob",
        ),
        ({"test_log_prob": np.zeros(10)}, r"samples is missing; needed: an array of shape \(N, 2\)"),
        (
            {"samples": good(), "grid_log_prob": np.zeros(16), "test_log_prob": np.zeros(11)},
            r"test_log_prob has shape \(11,\); allowed: \(10,\)",
        ),
        ({"samples": good(), "test_log_prob": np.zeros(10)}, "grid_log_prob is missing; log-densities are needed at"),
        ({"samples": good(), "val_log_prob": np.zeros(20)}, "test_log_prob is missing"),
        (
            {"samples": good(), "grid_log_prob": np.zeros(16), "test_log_prob": np.full(10, -np.inf)},
            "test_log_prob row 0 holds a NaN or an infinite",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_line(tmp_path, arrays, message):
    path = tmp_path / "mine.npz"
    np.savez(path, **arrays)
    with pytest.raises(GivenError, match=message) as error:
        archive.checked(path, archive.load(path), 2, SIZES)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_what_is_no_archive_of_plain_arrays_is_refused(tmp_path):
    text, single, pickled = (tmp_path / name for name in ("text.npz", "single.npy", "pickled.npz"))
    text.write_text("samples")
    np.save(single, good())
    np.savez(pickled, samples=np.array([{}], dtype=object))
    for path in (text, single, pickled, tmp_path / "nowhere.npz"):
        with pytest.raises(GivenError) as error:
            archive.load(path)
        assert str(error.value).startswith(f"{path}: ")


def test_the_command_refuses_with_exit_code_2_and_writes_nothing(tmp_path, monkeypatch, capsys):
    path = tmp_path / "mine.npz"
    np.savez(path, samples=with_nan())
    monkeypatch.chdir(tmp_path)
    words = ["score", "--samples", path, "--dataset", NAME, "--out", tmp_path / "out", "--root", ROOT]
    assert run([str(word) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ebmbench score: {path}: samples row 17 holds")
    assert {found.name for found in tmp_path.iterdir()} == {"mine.npz"}


def scored(dataset, arrays, folder):
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    page = write_external_scores(path, NAME, dataset, 0, {"moments": Moments()}, REFERENCE, folder / "out")
    return pd.read_csv(folder / "out/scores.csv").set_index(["metric", "split", "law"]), page


@pytest.fixture(scope="module")
def of_truth(rows, tmp_path_factory):
    """Scores and page of the data's own density and draws of it."""
    return scored(*rows, tmp_path_factory.mktemp("truth"))


@pytest.fixture(scope="module")
def alone(rows, tmp_path_factory):
    """Scores and page of samples without densities, of a data set that no committed run has."""
    other = plugins.load_entry("dataset", NAME, {"train": 500, "val": 100, "test": 100})
    return scored(other, {"samples": rows[1]["samples"]}, tmp_path_factory.mktemp("alone"))


def test_the_truth_is_told_from_a_normal_that_is_too_wide(rows, of_truth, points, tmp_path):
    (dataset, truth), (of, _) = rows, of_truth
    kl = of.loc[("kl", "exact", "model")]
    assert abs(kl["value"]) <= kl["stderr"] + 1e-9
    assert of.loc[("nll", "test", "model"), "value"] == pytest.approx(-truth["test_log_prob"].mean(), rel=1e-6)
    assert abs(of.loc[("mmd2", "test", "model"), "value"]) < 4 * of.loc[("mmd2", "test", "model"), "stderr"]
    wide = normal_model(points, 3.0)
    wrong, _ = scored(dataset, wide, tmp_path)
    gain = truth["test_log_prob"] - wide["test_log_prob"]
    assert wrong.loc[("kl", "exact", "model"), "value"] == pytest.approx(gain.mean(), abs=4 * gain.std() / 100)
    assert wrong.loc[("mmd2", "test", "model"), "value"] > 10 * of.loc[("mmd2", "test", "model"), "stderr"]


def test_it_stands_beside_the_committed_rows_unchanged(of_truth):
    _, page = of_truth
    sections = page.split("\n# ")
    default = next(section for section in sections if section.removeprefix("# ").startswith(f"{NAME}, default"))
    placed, committed = rows_by_key(default), committed_rows(REFERENCE, f"default/{NAME}")
    assert placed["given",]["runs"] == "1"
    assert placed["ebm · ed",]["kl (nats)"] == committed["ebm · ed",]["kl (nats)"].strip("*").removesuffix(" §")
    assert set(placed["ebm · ed",]) <= set(committed["ebm · ed",])


def test_given_samples_have_no_dagger_and_a_page_with_daggers_says_what_they_mean(of_truth, alone):
    _, page = of_truth
    placed = [row for row in rows_of(page) if row["method"] == "given"]
    assert placed and not any("†" in cell for row in placed for cell in row.values())
    sections = page.split("\n# ")
    daggers = ["†" in str(rows_of(section)) for section in sections]
    assert any(daggers)
    assert ["† means that the mean includes runs with unconverged chains" in section for section in sections] == daggers
    assert "given" in alone[1] and "†" not in alone[1]


def test_train_and_validation_rows_may_be_left_out(rows, tmp_path):
    dataset, truth = rows
    few = {name: truth[name] for name in ("samples", "test_log_prob", "grid_log_prob")}
    of, _ = scored(dataset, few, tmp_path)
    assert ("nll", "test", "model") in of.index
    assert ("nll", "train", "model") not in of.index


def test_samples_alone_have_no_likelihood_and_other_rows_no_neighbours(alone):
    of, page = alone
    assert "nll" not in of.index.get_level_values("metric")
    assert "mmd2" in of.index.get_level_values("metric")
    assert "No committed run uses the same data" in page
    assert "ebm · ed" not in page
