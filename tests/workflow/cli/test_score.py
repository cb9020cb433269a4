"""Files as people have them, given to `ebmbench score`: scored, or refused in one line before anything is written."""

import numpy as np
import pandas as pd
import pytest
import yaml

from ebmbench.workflow.cli.app import run
from tests.helpers.external_model import NAME
from tests.helpers.paths import ROOT

RNG = np.random.default_rng(0)
PLANE = RNG.normal(size=(500, 2)).astype("f4")
LEVELS = RNG.integers(0, 256, size=(400, 64)).astype("u1")
ODD = np.arange(1000).reshape(500, 2) == 5
IMAGES = "digits"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a configuration of images and their extractor."""
    monkeypatch.chdir(tmp_path)
    config = {
        "datasets": {IMAGES: {"kind": "digit_images"}},
        "families": {"oracle": {}},
        "losses": {"none": {}},
        "stats": {"none": {}},
        "evaluate": ["moments"],
        "extractors": {IMAGES: {"cnn": {"epochs": 1}}},
    }
    (tmp_path / "images.yaml").write_text(yaml.safe_dump(config))
    return tmp_path


def score(path, dataset):
    """The exit code of the command, which writes into the folder ``out``."""
    options = ["--configfile", "images.yaml"] if dataset == IMAGES else []
    return run(["score", "--samples", path, "--dataset", dataset, "--root", str(ROOT), "--out", "out", *options])


@pytest.mark.parametrize(
    ("dataset", "samples", "line"),
    [
        (NAME, np.zeros((0, 2)), "samples has no rows; allowed: 100 or more"),
        (
            NAME,
            np.where(ODD, 1e300, PLANE.astype("f8")),
            "samples row 3, column 2 is 1e+300; allowed: magnitudes up to 3.4e+38, the largest of float32",
        ),
        (
            NAME,
            np.where(ODD, np.longdouble("1e400"), PLANE.astype(np.longdouble)),
            "samples row 3, column 2 is 1e+400; allowed: numbers that are finite in float64",
        ),
        (
            IMAGES,
            LEVELS,
            "samples has values in [0, 255], none below 0; allowed: images in [-1, 1], "
            "which 2 * x / 255 - 1 makes of them",
        ),
        (
            IMAGES,
            (LEVELS / 255).astype("f4"),
            "samples has values in [0, 1], none below 0; allowed: images in [-1, 1], which 2 * x - 1 makes of them",
        ),
    ],
    ids=["empty", "huge", "long double", "uint8", "zero to one"],
)
def test_what_cannot_be_scored_is_one_line_and_writes_nothing(folder, capsys, dataset, samples, line):
    np.savez("mine.npz", samples=samples)
    before = set(folder.rglob("*"))
    assert score("mine.npz", dataset) == 2
    assert capsys.readouterr().err == f"ebmbench score: mine.npz: {line}\n"
    assert set(folder.rglob("*")) == before


def test_samples_alone_may_be_in_any_file(folder, capsys):
    np.savez("mine.npz", arr_0=PLANE)
    np.save("mine.npy", PLANE)
    pd.DataFrame(PLANE, columns=["a", "b"]).to_csv("mine.csv", index=False)
    found, notes = [], []
    for name in ("mine.npz", "mine.npy", "mine.csv"):
        assert score(name, NAME) == 0
        found.append(pd.read_csv("out/scores.csv"))
        notes.append(capsys.readouterr().err)
    assert {"energy_distance", "mmd2"} <= set(found[0]["metric"]) and (found[0]["status"] == "ok").all()
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)
    assert notes[0] == "mine.npz: arr_0, its only array, is taken as samples\n"
    assert notes[1] == ""
    order = "its columns are taken in their order, and without --units own in the coordinates of `ebmbench rows`"
    assert notes[2] == f"mine.csv: {order}, as their names are not 0, 1\n"


def test_without_the_grid_the_likelihood_is_scored_and_one_note_names_the_rest(folder, capsys):
    np.savez("mine.npz", samples=PLANE, test_log_prob=np.full(10_000, -3.0))
    assert score("mine.npz", NAME) == 0
    found = pd.read_csv("out/scores.csv").set_index(["metric", "split", "distribution"])["value"]
    assert found["nll", "test", "model"] == 3.0 and "kl" not in found.index.get_level_values("metric")
    (note,) = capsys.readouterr().err.splitlines()
    assert "grid_log_prob not given, so without a value: " in note and "kl (exact)" in note


def test_identical_images_with_axes_have_distances_by_features_and_a_mark(folder, capsys):
    images = np.tile((LEVELS[:1] / 127.5 - 1).astype("f4"), (400, 1)).reshape(400, 1, 8, 8)
    np.savez("mine.npz", samples=images)
    assert score("mine.npz", IMAGES) == 0
    found = pd.read_csv("out/scores.csv").set_index(["metric", "split", "distribution"])["value"]
    assert found["fd_cnn", "test", "model"] > 0 and found["kid_cnn", "test", "model"] > 0
    reported = capsys.readouterr()
    mark = "all 400 samples are identical: effective size 1"
    assert f"given, seed 0: {mark}" in reported.out and f"mine.npz: {mark}" in reported.err
    assert [path.suffix for path in sorted((folder / "results/given/extractors").iterdir())] == [
        ".json",
        ".safetensors",
    ]
