"""Finished jobs, tilted: what is kept of the run, what the tilt adds, and that statistics match on the grid."""

import json

import pytest
import torch

from ebmbench.core import files
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.data.digits import Digits
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.models.distributions.tilted import Tilted
from ebmbench.planning.statistic_sets import STANDARD
from ebmbench.training import moment_solver
from ebmbench.training.moment_distance import TargetMeans
from ebmbench.training.moment_solver import standardised
from ebmbench.workflow.stages import dataset, sample, tilt, train
from ebmbench.workflow.stages.sample import Plan
from ebmbench.workflow.stages.tilt import Tilting
from ebmbench.workflow.stages.trained_runs import TrainedJob

SIZES = {"train": 300, "val": 100, "test": 100}
TRAINED = {"dataset": SIZES, "stats": {}, "statistics": {}, "loss": {}, "train": {"steps": 20, "checkpoints": 2}}
ASKED = {
    "stats": {"kind": "posthoc", "set": "s1"},
    "statistics": STANDARD["s1"],
    "likelihood": {"quadrature": {"grid": 90}},
}
FAMILIES = {
    "ebm": ("ed", {"width": 8, "depth": 1}),
    "gaussian": ("ml", {}),
    "flow": ("ml", {"transforms": 1, "width": 8, "coupling": True}),
    "kde": ("ml", {"centres": 50}),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", range(2), folder, "0-1", grid_n=90)
    return folder / "seeds0-1.safetensors"


def trained(family, data, out, **changes):
    loss, settings = FAMILIES[family]
    cell = Cell("ring8_unequal", family, loss, "none")
    train.train_seeds(cell, "0-1", TRAINED | {"family": settings} | changes, data, "cpu", "digest", out)
    return cell


def tilted(cell, data, run, out, **changes):
    asked = Tilting(cell._replace(stats="s1_after"), ASKED | changes, "tilt digest")
    tilt.write_tilted_runs(asked, run, data, "cpu", out)
    return json.loads((out / "run.json").read_text())


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_run_of_any_family_is_given_the_rows_means(family, data, tmp_path):
    cell = trained(family, data, tmp_path / "run")
    run = tilted(cell, data, tmp_path / "run", tmp_path / "out")
    assert {seed: entry["status"] for seed, entry in run["runs"].items()} == {"0": "ok", "1": "ok"}
    job = TrainedJob.of(tmp_path / "out", data)
    for seed in (0, 1):
        model = job.model(seed, torch.device("cpu"))
        assert isinstance(model, Tilted) and len(model.eta) == 5 and model.eta.abs().max() > 0
        grid = torch.cartesian_prod(*[torch.linspace(-12, 12, 601)] * 2)
        with torch.no_grad():
            weights = model.log_density(grid).double().softmax(0)
            means = weights @ standardised(model, grid)
        assert means.abs().max() < 2e-3
    # and sampling takes the tilted model like any other
    plan = {"sample": {"samples": 500, "chains": 10, "warmup": 5, "thin": 1}, "sampler": {"mala": {}}}
    sample.write_samples(tmp_path / "out", Plan.of(plan | {"likelihood": ASKED["likelihood"]}), data, "cpu")
    sampling = json.loads((tmp_path / "out/sampling.json").read_text())
    assert sampling["runs"]["0"]["likelihood"]["status"] == "ok"


def test_the_run_tells_what_was_trained_and_what_the_tilt_added(data, tmp_path):
    cell = trained("ebm", data, tmp_path / "run")
    run = tilted(cell, data, tmp_path / "run", tmp_path / "out")
    before = json.loads((tmp_path / "run/run.json").read_text())
    assert run["cell"] == {**before["cell"], "stats": "s1_after"}
    assert run["settings"]["statistics"] == STANDARD["s1"] and run["settings"]["family"] == before["settings"]["family"]
    assert run["provenance"]["code_digest"] == "tilt digest" and run["provenance"]["tilted"] == "digest"
    for seed, entry in run["runs"].items():
        assert entry["steps"] == before["runs"][seed]["steps"] == 20
        assert entry["energy_evaluations"] > before["runs"][seed]["energy_evaluations"]
        assert entry["tilt_gain"] > 0 and entry["tilt_rounds"] == 2 and entry["tilt_distance"] < 1e-5
    states = [files.read_tensors(tmp_path / name / "model.safetensors") for name in ("run", "out")]
    assert torch.equal(states[0]["1/network.layers.0.weight"], states[1]["1/network.layers.0.weight"])


def test_a_run_that_diverged_stays_diverged(data, tmp_path):
    settings = {"loss": {"w": 0.0, "M": 1}, "train": {"steps": 400, "learning_rate": 100.0}}
    cell = trained("ebm", data, tmp_path / "run", **settings)
    run = tilted(cell, data, tmp_path / "run", tmp_path / "out")
    assert {entry["status"] for entry in run["runs"].values()} == {"diverged"}
    assert all("tilt_gain" not in entry and "at step" in entry["reason"] for entry in run["runs"].values())


def test_means_out_of_reach_are_a_failure_with_its_reason(data, tmp_path, monkeypatch):
    cell = trained("gaussian", data, tmp_path / "run")
    monkeypatch.setattr(moment_solver, "TargetMeans", lambda value, radius: TargetMeans(value + 100.0, radius))
    run = tilted(
        cell,
        data,
        tmp_path / "run",
        tmp_path / "out",
        stats={"kind": "posthoc", "set": "tails"},
        statistics={"tails": {}},
    )
    assert {entry["status"] for entry in run["runs"].values()} == {"failed"}
    assert all("means asked for are at the edge" in entry["reason"] for entry in run["runs"].values())


def test_a_model_without_draws_is_a_failure_with_its_reason(data, tmp_path, monkeypatch):
    def nothing(*_):
        raise ValueError("no samples from the model: none came back")

    cell = trained("gaussian", data, tmp_path / "run")
    monkeypatch.setattr(moment_solver, "weighted_samples", nothing)
    run = tilted(cell, data, tmp_path / "run", tmp_path / "out")
    for entry in run["runs"].values():
        assert (entry["status"], entry["reason"]) == ("failed", "no samples from the model: none came back")
        assert "tilt_distance" not in entry and entry["tilt_rounds"] == 0


def test_a_control_of_rows_alone_cannot_be_tilted(tmp_path):
    dataset.write_dataset(Digits(), "digits", range(1), tmp_path, "0-0")
    rows, cell = tmp_path / "seeds0-0.safetensors", Cell("digits", "oracle", "none", "none")
    train.train_seeds(cell, "0-0", TRAINED | {"dataset": {}, "family": {}}, rows, "cpu", "digest", tmp_path / "run")
    asked = Tilting(cell._replace(stats="means_after"), ASKED | {"statistics": {"means": {}}}, "x")
    with pytest.raises(UserError, match="family oracle has no density to tilt: exclude it with stats: means_after"):
        tilt.write_tilted_runs(asked, tmp_path / "run", rows, "cpu", tmp_path / "out")
    assert not (tmp_path / "out").exists()
