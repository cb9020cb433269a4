"""Given images are scored by features as those of every method are, and copies are marked."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.seeds import generator
from ebmbench.data.images import shown
from ebmbench.evaluation.external_samples.effective_size import copies_note, effective_size
from ebmbench.evaluation.external_samples.feature_protocol import other_protocols
from ebmbench.evaluation.external_samples.reading import GivenFile
from ebmbench.evaluation.metrics.features import frechet_distance, kernel_distance
from ebmbench.workflow.stages.external_extractors import ExtractorFiles
from ebmbench.workflow.stages.external_samples import score_arrays, write_external_scores
from ebmbench.workflow.stages.extractor import read_features
from tests.helpers.paths import ROOT

NAME = "digit_images"
ENTRY = {"cnn": {"epochs": 1}}


@pytest.fixture(scope="module")
def digits():
    return plugins.load("dataset", NAME)


@pytest.fixture(scope="module")
def made(digits, tmp_path_factory):
    """The extractors of the data set, made once."""
    folder = tmp_path_factory.mktemp("extractors")
    files = ExtractorFiles(ENTRY, folder / "finished", folder / "kept")
    files.of(NAME, digits)
    return files


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(1).uniform(-1, 1, size=(400, 64)).astype("f4")


def scored(digits, made, samples):
    """The scores of samples by metric and split, and what is reported of them."""
    found = score_arrays("x", lambda _: GivenFile({"samples": samples}, []), NAME, digits, 0, {}, lambda: made)
    scores = found.scores[found.scores["distribution"] == "model"]
    return scores.set_index(["metric", "split"]), found


def test_distances_by_features_are_those_of_the_protocol(digits, made, noise):
    files = made.of(NAME, digits)
    of, _ = scored(digits, files, noise)
    extractor = read_features(files["cnn"])
    features = plugins.load("extractor", "cnn").features(extractor.weights, shown(torch.from_numpy(noise)))
    # as many as there are validation images, in the order that every method's samples are taken in
    order = torch.randperm(400, generator=generator(NAME, "score", 0, "equal draws"))[:143]
    for split in ("train", "test"):
        reference = extractor.reference(split)
        fd, kid = frechet_distance(features[order], reference), kernel_distance(features, reference)
        assert of.loc[("fd_cnn", split), "value"] == pytest.approx(fd.value, rel=1e-6)
        assert of.loc[("kid_cnn", split), "value"] == pytest.approx(kid.value, rel=1e-6)
        assert of.loc[("fd_cnn", split), "n"] == 143
    assert {"precision_cnn", "recall_cnn", "floor_cnn"} <= set(of.index.get_level_values("metric"))
    real, _ = scored(digits, files, digits.splits(0).val.numpy())
    assert of.loc[("fd_cnn", "test"), "value"] > 5 * real.loc[("fd_cnn", "test"), "value"]
    assert of.loc[("kid_cnn", "test"), "value"] > 20 * abs(real.loc[("kid_cnn", "test"), "value"])


def test_axes_do_not_change_a_score(digits, made, noise):
    files = made.of(NAME, digits)
    of, _ = scored(digits, files, noise)
    for shape in ((400, 1, 8, 8), (400, 8, 8)):
        pd.testing.assert_frame_equal(of, scored(digits, files, noise.reshape(shape))[0])


def test_identical_images_are_scored_and_marked(digits, made, noise, tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, samples=np.tile(noise[:1], (400, 1)))
    placed = write_external_scores(
        {0: path}, NAME, digits, {}, ROOT / "results/reference", tmp_path / "out", lambda: made.of(NAME, digits)
    )
    of = pd.read_csv(tmp_path / "out/scores.csv").set_index(["metric", "split", "distribution"])["value"]
    assert all(math.isfinite(of[name, "test", "model"]) for name in ("fd_cnn", "kid_cnn", "precision_cnn"))
    mark = "all 400 samples are identical: effective size 1"
    assert f"* given, seed 0: {mark}\n" in placed.page
    assert f"{path}: {mark}" in placed.notes
    different, found = scored(digits, made.of(NAME, digits), noise)
    assert of["fd_cnn", "test", "model"] > different.loc[("fd_cnn", "test"), "value"]
    assert found.copies == "" and not any("effective" in note for note in found.notes)


def test_the_effective_size_counts_equal_samples():
    x = np.random.default_rng(0).normal(size=(300, 3))
    assert effective_size(x) == 300
    assert effective_size(np.tile(x[:1], (50, 1))) == 1
    # 100 of one and 300 others: 400^2 / (100^2 + 300)
    assert effective_size(np.concatenate([np.tile(x[:1] + 9, (100, 1)), x])) == pytest.approx(160_000 / 10_300)
    assert copies_note(np.tile(x[:150], (2, 1))) == ""
    assert copies_note(np.tile(x[:60], (2, 1))) == "many of the 120 samples are copies of others: effective size 60"


def test_an_extractor_is_made_once_and_a_finished_grids_own_is_taken_first(digits, made, tmp_path):
    kept = made.of(NAME, digits)["cnn"]
    before = kept.stat().st_mtime_ns
    assert made.of(NAME, digits)["cnn"] == kept and kept.stat().st_mtime_ns == before
    for suffix in (".safetensors", ".json"):
        (tmp_path / f"{NAME}-cnn{suffix}").write_bytes(kept.with_suffix(suffix).read_bytes())
    same = ExtractorFiles(ENTRY, tmp_path, tmp_path / "kept")
    assert same.of(NAME, digits)["cnn"] == tmp_path / f"{NAME}-cnn.safetensors"
    other = ExtractorFiles({"cnn": {"epochs": 2}}, tmp_path, tmp_path / "kept").of(NAME, digits)["cnn"]
    assert other.parent == tmp_path / "kept" and other.name != kept.name
    assert same.of("moons", plugins.load("dataset", "moons")) == {}


def test_an_extractor_without_weights_is_a_note(digits, noise, tmp_path):
    files = ExtractorFiles({"inception": {"path": str(tmp_path / "none.pth")}}, tmp_path, tmp_path)
    of, found = scored(digits, files.of(NAME, digits), noise)
    assert "fd_inception" not in of.index.get_level_values("metric")
    (note,) = [note for note in found.notes if "inception" in note]
    assert "without a value: fd_inception, " in note and "no weights in" in note


def of_extractor(weights, n, floor):
    """Rows of scores with a Frechet distance and its floor."""
    rows = [("fd_cnn", 30.0, n), ("floor_cnn", floor, n), ("mmd2", 0.1, n)]
    table = pd.DataFrame(rows, columns=["metric", "value", "n"])
    method = [f"given; cnn {weights}"] * 2 + [None]
    return table.assign(split="test", status="ok", method=method)


def test_other_weights_or_numbers_than_those_of_the_committed_rows_are_a_note():
    here = of_extractor("0123456789ab", 143, 8.8)
    assert other_protocols(here, here) == []
    assert other_protocols(here, here[here["metric"] == "mmd2"]) == []
    (note,) = other_protocols(here, of_extractor("ba9876543210", 2000, 2.6))
    assert note.startswith(
        "given, cnn: weights 0123456789ab, not ba9876543210 and images 143, not 2000 as for the other"
    )
    assert note.endswith("the Frechet distance 8.8 here, 2.6 there.")
    (note,) = other_protocols(here, of_extractor("0123456789ab", 2000, 2.6))
    assert note.startswith("given, cnn: images 143, not 2000 as for the other methods")
