"""A user's samples: what is refused before anything is written, and what is reported of the truth and of less."""

import math

import numpy as np
import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.evaluation.external_samples import archive, reading
from ebmbench.evaluation.external_samples.archive import GivenError
from ebmbench.evaluation.external_samples.reading import GivenFile
from ebmbench.models.statistics.moments import Moments
from ebmbench.provenance.audit.documented_numbers import committed_rows, rows_by_key
from ebmbench.provenance.audit.documented_numbers import rows as rows_of
from ebmbench.reporting.number_text import interval_text, number_text
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.stages.external_samples import score_arrays, write_external_scores
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
        ({"samples": good(0)}, "samples has no rows; allowed: 100 or more"),
        ({"samples": with_nan()}, "samples row 18, column 2 is nan; allowed: numbers that are finite in float64$"),
        (
            {"samples": good() * [1, 1e300]},
            r"samples row 1, column 2 is -1\.\d+e\+299 \(200 rows hold such values\); allowed: mag",
        ),
        ({"samples": good() * np.longdouble("1e400")}, r"samples row 1, column 1 is 1\.\d+e\+399 \(200 rows"),
        ({"samples": good().astype(complex)}, "samples holds complex128; allowed: real numbers"),
        ({"samples": good() > 0}, "samples holds bool; allowed: real numbers"),
        ({"samples": good().astype(str)}, "samples holds <U.*; allowed: real numbers"),
        (
            {"samples": good(), "draws": good()},
            "draws is unknown; allowed: samples, train_log_prob, val_log_prob, test_log_prob, grid_log_prob",
        ),
        (
            {"test_log_prob": np.zeros(10)},
            r"no array is called samples; needed: one of shape \(N, 2\); found: test_log_prob",
        ),
        ({"x": good(), "y": good()}, r"no array is called samples; needed: one of shape \(N, 2\); found: x, y"),
        ({}, r"no array is called samples; needed: one of shape \(N, 2\)$"),
        (
            {"samples": good(), "grid_log_prob": np.zeros(16), "test_log_prob": np.zeros(11)},
            r"test_log_prob has shape \(11,\); allowed: \(10,\)",
        ),
        (
            {"samples": good(), "grid_log_prob": np.zeros(16), "test_log_prob": np.full(10, -np.inf)},
            r"test_log_prob row 1 is -inf \(10 rows hold such values\)",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_line(tmp_path, arrays, message):
    path = tmp_path / "mine.npz"
    np.savez(path, **arrays)
    with pytest.raises(GivenError, match=message) as error:
        archive.checked(path, reading.read_file(path, ["0", "1"]).arrays, 2, SIZES)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_what_is_no_archive_of_plain_arrays_is_refused(tmp_path):
    text, pickled = (tmp_path / name for name in ("text.npz", "pickled.npz"))
    text.write_text("samples")
    np.savez(pickled, samples=np.array([{}], dtype=object))
    for path in (text, pickled, tmp_path, tmp_path / "nowhere.npz", tmp_path / "nowhere.csv"):
        with pytest.raises(GivenError) as error:
            reading.read_file(path, ["0", "1"])
        assert str(error.value).startswith(f"{path}: ")


def test_the_command_refuses_with_exit_code_2_and_writes_nothing(tmp_path, monkeypatch, capsys):
    path = tmp_path / "mine.npz"
    np.savez(path, samples=with_nan())
    monkeypatch.chdir(tmp_path)
    words = ["score", "--samples", path, "--dataset", NAME, "--out", tmp_path / "out", "--root", ROOT]
    assert run([str(word) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ebmbench score: {path}: samples row 18, column 2 is nan")
    assert {found.name for found in tmp_path.iterdir()} == {"mine.npz"}


@pytest.mark.parametrize(("top", "remedy"), [(255, "2 * x / 255 - 1"), (1, "2 * x - 1")])
def test_images_on_another_scale_are_never_scored_without_a_word(tmp_path, capsys, top, remedy):
    path = tmp_path / "mine.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, size=(120, 1, 8, 8)) * top / 255)
    words = ["score", "--samples", path, "--dataset", "digit_images", "--out", tmp_path / "out", "--root", ROOT]
    assert run([str(word) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ebmbench score: {path}: samples has values in [0, {top}], none below 0; allowed: ")
    assert f"which {remedy} makes of them" in line


def test_images_with_axes_are_scored_as_their_rows_are(tmp_path):
    digits = plugins.load("dataset", "digit_images")
    images = digits.splits(0).val.numpy()
    found = [
        score_arrays(tmp_path, lambda _, one=one: GivenFile({"samples": one}, []), "digit_images", digits, 0, {}).scores
        for one in (images, images.reshape(-1, 1, 8, 8), images.reshape(-1, 8, 8))
    ]
    assert len(found[0]) > 2
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)


def test_a_seed_below_0_is_a_usage_error(capsys):
    assert run(["score", "--samples", "x.npz", "--dataset", NAME, "--seed", "-1"]) == 2
    assert "--seed" in capsys.readouterr().err


def scored(dataset, arrays, folder):
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    placed = write_external_scores({0: path}, NAME, dataset, {"moments": Moments()}, REFERENCE, folder / "out")
    return pd.read_csv(folder / "out/scores.csv").set_index(["metric", "split", "distribution"]), placed


@pytest.fixture(scope="module")
def of_truth(rows, tmp_path_factory):
    """Scores and page of the data's own density and draws of it."""
    return scored(*rows, tmp_path_factory.mktemp("truth"))


@pytest.fixture(scope="module")
def alone(rows, tmp_path_factory):
    """Scores and page of samples without densities, of a data set that no committed run has."""
    other = plugins.load_entry("dataset", NAME, {"train": 500, "val": 100, "test": 100})
    return scored(other, {"samples": rows[1]["samples"]}, tmp_path_factory.mktemp("alone"))


def test_the_truth_is_distinguished_from_a_normal_that_is_too_wide(rows, of_truth, points, tmp_path):
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
    page = of_truth[1].page
    sections = page.split("\n# ")
    default = next(section for section in sections if section.removeprefix("# ").startswith(f"{NAME}, default"))
    placed, committed = rows_by_key(default), committed_rows(REFERENCE, f"default/{NAME}")
    assert placed["given",]["runs"] == "1"
    assert placed["ebm · ed",]["kl (nats)"] == committed["ebm · ed",]["kl (nats)"].strip("*").removesuffix(" §")
    assert set(placed["ebm · ed",]) <= set(committed["ebm · ed",])


def test_a_page_begins_with_the_place_by_the_metric_that_sorts_it(of_truth):
    scores, page = of_truth[0], of_truth[1].page
    value = number_text(scores.loc[("kl", "exact", "model"), "value"], 3)
    for section in page.removeprefix("# ").split("\n# "):
        title, sentence, *_ = section.split("\n\n")
        assert sentence.startswith(f"kl {value} nats: "), title
        assert " trained methods, " in sentence and "; the oracle has " in sentence


def test_given_samples_have_no_dagger_and_a_page_with_daggers_says_what_they_mean(of_truth, alone):
    page = of_truth[1].page
    placed = [row for row in rows_of(page) if row["method"] == "given"]
    assert placed and not any("†" in cell for row in placed for cell in row.values())
    sections = page.split("\n# ")
    daggers = ["†" in str(rows_of(section)) for section in sections]
    assert any(daggers)
    assert ["† means that the mean includes runs with unconverged chains" in section for section in sections] == daggers
    assert "given" in alone[1].page and "†" not in alone[1].page


def test_train_and_validation_rows_may_be_left_out(rows, tmp_path):
    dataset, truth = rows
    few = {name: truth[name] for name in ("samples", "test_log_prob", "grid_log_prob")}
    of, (_, notes) = scored(dataset, few, tmp_path)
    assert ("nll", "test", "model") in of.index
    assert ("nll", "train", "model") not in of.index
    (note,) = notes
    assert note.endswith("train_log_prob, val_log_prob not given, so without a value: nll (train), nll (val)")


def test_without_the_grid_the_likelihood_is_scored_and_a_note_says_what_is_not(rows, of_truth, tmp_path):
    dataset, truth = rows
    of, (_, notes) = scored(dataset, {name: of for name, of in truth.items() if name != "grid_log_prob"}, tmp_path)
    whole, _ = of_truth
    for place in [("nll", "test", "model"), ("nll", "train", "model"), ("mmd2", "test", "model")]:
        assert of.loc[place, "value"] == whole.loc[place, "value"]
    assert "kl" not in of.index.get_level_values("metric")
    (note,) = notes
    assert note.startswith(
        f"{tmp_path / 'mine.npz'}: grid_log_prob not given, so without a value: kl (exact), tv (exact), "
    )
    assert note.endswith("; without the grid nothing shows whether the log-densities are normalised")


def test_a_metric_that_comes_out_infinite_is_reported(rows, tmp_path):
    dataset, truth = rows
    far = {"samples": truth["samples"], "test_log_prob": np.full(len(truth["test_log_prob"]), -1e300)}
    of, (_, notes) = scored(dataset, far, tmp_path)
    assert "nll" not in of.index.get_level_values("metric")
    assert "without a value: nll, nll_trimmed: 1e+300 with standard error inf" in notes[-1]


def test_several_files_are_several_seeds_with_an_interval(rows, tmp_path):
    dataset, truth = rows
    paths = {1: tmp_path / "a.npy", 0: tmp_path / "b.npz"}
    np.save(paths[1], truth["samples"][:300])
    np.savez(paths[0], samples=truth["samples"])
    page = write_external_scores(paths, NAME, dataset, {}, REFERENCE, tmp_path / "out").page
    found = pd.read_csv(tmp_path / "out/scores.csv").set_index(["seed", "metric", "distribution"])["value"]
    both = [found[seed, "energy_distance", "model"] for seed in (0, 1)]
    assert both[0] != both[1]
    default = next(section for section in page.split("\n# ") if f"{NAME}, default" in section)
    placed = rows_by_key(default)
    assert placed["given",]["runs"] == "2"
    half = 12.706 * abs(both[0] - both[1]) / 2  # Student's quantile .975 with one degree of freedom
    assert placed["given",]["energy_distance (data units)"] == interval_text(np.mean(both), half)
    assert "given: a.npy, b.npz, seeds 1, 0 of" in default


def test_each_file_needs_a_seed_of_its_own(tmp_path, capsys):
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    words = [word for path in paths for word in ("--samples", str(path))]
    for seeds in (["0"], ["1", "1"]):
        chosen = [word for seed in seeds for word in ("--seed", seed)]
        assert run(["score", *words, *chosen, "--dataset", NAME, "--root", str(ROOT)]) == 1
        assert f"--seed {', '.join(seeds)} for 2 files of samples; allowed: a seed of" in capsys.readouterr().err


def test_samples_alone_have_no_likelihood_and_other_rows_no_neighbours(alone):
    of, page = alone[0], alone[1].page
    assert "nll" not in of.index.get_level_values("metric")
    assert "mmd2" in of.index.get_level_values("metric")
    assert "No committed run uses the same data" in page
    assert "ebm · ed" not in page
