"""Images are judged by features from Python as on the command line."""

import numpy as np
import pandas as pd
import pytest
import yaml

import ebmbench
from ebmbench.core.errors import UserError
from ebmbench.workflow.cli.app import run
from ebmbench.workflow.cli.dataset_entry import find_extractors
from tests.helpers.paths import ROOT

CNN = {"cnn": {"epochs": 1}}
ENTRY = {"kind": "digit_images"}


@pytest.fixture
def digits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return ebmbench.load_dataset("digits", **ENTRY)


def noise(n=400):
    """Levels of images in the data's own units."""
    return np.random.default_rng(0).integers(0, 17, size=(n, 8, 8))


def test_scores_are_those_of_the_command_line(digits, tmp_path):
    found = ebmbench.evaluate(noise(), digits, extractors=CNN).set_index(["metric", "split"])
    rest = {"families": {"oracle": {}}, "losses": {"none": {}}, "stats": {"none": {}}}
    (tmp_path / "my.yaml").write_text(
        yaml.safe_dump(rest | {"datasets": {"digits": ENTRY}, "extractors": {"digits": CNN}})
    )
    np.save("noise.npy", noise() / 8.0 - 1)
    words = ["--samples", "noise.npy", "--dataset", "digits", "--configfile", "my.yaml", "--root", str(ROOT)]
    assert run(["score", *words, "--out", "out"]) == 0
    scores = pd.read_csv("out/scores.csv")
    same = scores[scores["distribution"] == "model"].set_index(["metric", "split"])
    assert set(found.index) == set(same.index)
    assert {
        (f"{name}_cnn", split) for name in ("fd", "kid", "precision", "recall") for split in ("train", "test")
    } <= set(found.index)
    for column in ("value", "stderr", "n"):
        np.testing.assert_allclose(found[column], same.loc[found.index, column], rtol=1e-5, atol=1e-7)
    # power: real images, here without axes, are far nearer
    real = ebmbench.evaluate(digits.val, digits, extractors=CNN).set_index(["metric", "split"])
    assert found.loc[("fd_cnn", "test"), "value"] > 5 * real.loc[("fd_cnn", "test"), "value"]


def test_without_a_checkout_there_are_no_extractors_and_levels_are_checked(digits):
    found = ebmbench.evaluate(noise(), digits)
    assert "energy_distance" in set(found["metric"]) and not found["metric"].str.endswith("_cnn").any()
    with pytest.raises(
        UserError, match=r"has levels in \[0, 1\], black everywhere; allowed: levels 0 to 16, such as 16"
    ):
        ebmbench.evaluate(noise() / 16, digits)
    with pytest.raises(UserError, match=r"rows of shape \(400, 9, 9\); allowed: \(N, 64\)"):
        ebmbench.evaluate(np.zeros((400, 9, 9)), digits)


def test_in_a_checkout_they_are_those_of_the_configurations(tmp_path):
    config = yaml.safe_load((ROOT / "config/images_cpu.yaml").read_text())
    assert find_extractors("digits", "digit_images", ROOT) == config["extractors"]["digits"]
    assert find_extractors("mnist", "mnist", ROOT) == config["extractors"]["mnist"]
    # of the same name, a table
    assert find_extractors("digits", "digits", ROOT) == {}
    assert find_extractors("mine", "image_folder", ROOT) == find_extractors("mnist", "mnist", tmp_path) == {}
