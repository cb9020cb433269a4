"""Training and sampling stages on a tiny grid cell, in this process."""

import json

import pandas as pd
import pytest
import torch

from ebmbench.core import files
from ebmbench.core.cells import Cell
from ebmbench.core.columns import CURVES
from ebmbench.data.digits import Digits
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.models.statistics.moments import Moments
from ebmbench.workflow.stages import dataset, sample, train
from ebmbench.workflow.stages.sample import Plan
from ebmbench.workflow.stages.score import score

DENSITY_COLUMNS = ["kl", "mse_log_density", "mse_log_density_data_z"]
SIZES = {"train": 300, "val": 100, "test": 100}
SETTINGS = {
    "family": {"width": 8, "depth": 1},
    "loss": {},
    "stats": {},
    "statistics": {},
    "train": {"steps": 20, "checkpoints": 2},
}
SAMPLING = {
    "sample": {"samples": 100, "chains": 10, "warmup": 10, "thin": 1},
    "sampler": {"ula": {"step_size": 0.01}},
    "likelihood": {"quadrature": {"grid": 60}},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", range(2), folder, "0-1", grid_n=120)
    return folder / "seeds0-1.safetensors"


def run(cell, settings, data, out):
    train.train_seeds(cell, "0-1", {"dataset": SIZES} | settings, data, "cpu", "digest", out)
    sample.write_samples(out, Plan.of(SAMPLING), data, "cpu")
    return score(out, data, {"moments": Moments()})[0]


def test_a_run_is_reproduced_bit_by_bit_and_seeds_differ(data, tmp_path):
    cell = Cell("ring8_unequal", "ebm", "ed", "none")
    for name in ("one", "two"):
        run(cell, SETTINGS, data, tmp_path / name)
    for file in ("model.safetensors", "samples.safetensors", "log_prob.safetensors"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    tensors = files.read_tensors(tmp_path / "one/model.safetensors")
    assert not torch.equal(tensors["0/network.layers.0.weight"], tensors["1/network.layers.0.weight"])


def test_run_json_holds_every_setting_and_the_provenance(data, tmp_path):
    run(Cell("ring8_unequal", "ebm", "ed", "none"), SETTINGS, data, tmp_path)
    content = json.loads((tmp_path / "run.json").read_text())
    assert content["settings"]["loss"] == {"kind": "ed", "t": 1.0, "M": 4, "w": 1.0}
    assert content["settings"]["train"]["steps"] == 20
    assert content["settings"]["dataset"] == {"kind": content["cell"]["dataset"], **SIZES}
    assert content["provenance"]["code_digest"] == "digest"
    assert content["provenance"]["data_digest"] == json.loads(data.with_suffix(".json").read_text())["digest"]
    curve = pd.read_csv(tmp_path / "curves.csv")
    assert list(curve["step"]) == [10, 20, 10, 20]
    assert curve[DENSITY_COLUMNS].notna().all(axis=None)


def test_an_energy_model_is_scored_under_two_distributions_and_a_normalised_one_under_one(data, tmp_path):
    scores = run(Cell("ring8_unequal", "ebm", "ed", "none"), SETTINGS, data, tmp_path / "ebm")
    rows = scores[scores["metric"] == "energy_distance"].set_index(["seed", "distribution"])
    assert list(rows.loc[0, "method"]) == ["grid inverse-CDF", "ula"]
    # twenty small steps from the base cannot have converged
    assert list(rows.loc[0, "mark"]) == ["", "unconverged"]
    assert rows.loc[(0, "model"), "value"] != rows.loc[(0, "sampler"), "value"]
    normal = run(Cell("ring8_unequal", "gaussian", "ml", "none"), SETTINGS | {"family": {}}, data, tmp_path / "normal")
    rows = normal[normal["metric"] == "energy_distance"].set_index(["seed", "distribution"])
    assert set(rows["method"]) == {"exact"} and set(rows["mark"]) == {""}
    assert rows.loc[(0, "model"), "value"] == rows.loc[(0, "sampler"), "value"]


def test_a_diverged_run_is_rows_without_values(data, tmp_path):
    settings = SETTINGS | {"loss": {"w": 0.0, "M": 1}, "train": {"steps": 400, "learning_rate": 100.0}}
    scores = run(Cell("ring8_unequal", "ebm", "ed", "none"), settings, data, tmp_path)
    assert set(scores["status"]) == {"diverged"}
    assert scores["value"].isna().all()
    assert scores["reason"].str.contains("at step").all()
    assert {"kl", "nll", "energy_distance"} <= set(scores["metric"])


def test_curves_tell_nothing_of_a_density_that_is_not_known(tmp_path):
    dataset.write_dataset(Digits(), "digits", range(1), tmp_path, "0-0")
    settings = {"dataset": {}, "family": {}, "loss": {}, "stats": {}, "statistics": {}, "train": {"steps": 1}}
    cell = Cell("digits", "gaussian", "ml", "none")
    train.train_seeds(cell, "0-0", settings, tmp_path / "seeds0-0.safetensors", "cpu", "digest", tmp_path)
    curve = pd.read_csv(tmp_path / "curves.csv")
    assert tuple(curve.columns) == CURVES
    assert len(curve) == 1 and curve[DENSITY_COLUMNS].isna().all(axis=None)


def test_the_oracle_has_no_divergence(data, tmp_path):
    settings = SETTINGS | {"family": {}}
    scores = run(Cell("ring8_unequal", "oracle", "none", "none"), settings, data, tmp_path)
    exact = scores[scores["metric"].isin(DENSITY_COLUMNS)]
    assert len(exact) == 2 * len(DENSITY_COLUMNS)
    assert (exact["value"].abs() <= exact["stderr"]).all()
