"""An experiment's tables and figure, whatever the experiment."""

import pandas as pd
import pytest

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json
from ebmbench.data.ring8_unequal import Ring8Unequal
from ebmbench.experiments import constraints, discrepancy_time, latent_samplers, sample_size, steering, tempered
from ebmbench.experiments.tempered import LatentCells
from ebmbench.inference.likelihoods.smc import SMC
from ebmbench.workflow.stages import dataset, extractor, train
from ebmbench.workflow.stages.experiment import FIGURES, NOTHING, ExperimentInputs, write_experiment

SMALL = {
    "anytime": {"rows": 60, "width": 4, "depth": 1, "steps": 4, "checkpoints": 2, "seeds": 2, "cells": 24},
    "sample_size": {"depth": 1, "steps": 2, "checkpoints": 1, "seeds": 2, "cells": 24},
    "discrepancy_time": {"cells": 181, "times": 2, "shortest": 0.1, "most": 1},
    "constraints": {"rows": 200, "shifts": [0.5], "strengths": [1.0], "draws": 100, "chains": 8, "steps": 4}
    | {"repetitions": 1},
    "mode_weights": {"gaps": [6.0], "losses": ["ml", "sm"], "rows": 100, "seeds": 1, "steps": 2, "width": 4},
    "nearsightedness": {"rows": 100, "sample": 50, "repetitions": 2},
    "stabilisation": {"rows": 50, "steps": 3, "seeds": 1, "draws": 400},
    "fd_steps": {"run": "digit_images/lebm-ed-none", "images": 60, "steps": 3, "step_sizes": [0.04]},
    "latent_samplers": {"run": "ring8_unequal/gebm_flow-kale_f-none", "chains": 20, "evaluations": 80, "budgets": 1},
}
SIZES = {"train": 200, "val": 100, "test": 100}
NVP = {"family": {"couplings": 2, "width": 8}, "loss": {}, "stats": {}, "statistics": {}}
GEBM = {"family": {"base": "nvp", "width": 8, "depth": 1}, "loss": {"nu": 4}, "stats": {}, "statistics": {}}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A model on a flow that was trained for a few steps, and its data."""
    folder = tmp_path_factory.mktemp("results")
    dataset.write_dataset(Ring8Unequal(**SIZES), "ring8_unequal", range(1), folder, "0-0", grid_n=120)
    rows, common = folder / "seeds0-0.safetensors", {"dataset": SIZES, "train": {"steps": 3, "checkpoints": 1}}
    for family, loss, settings, base in (("nvp", "ml", NVP, None), ("gebm_flow", "kale_f", GEBM, folder / "nvp")):
        cell = Cell("ring8_unequal", family, loss, "none")
        train.train_seeds(
            cell, "0-0", common | settings, rows, "cpu", "digest", folder / family, train.TrainingInputs(base=base)
        )
    return ExperimentInputs(folder / "gebm_flow", rows)


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    """A latent prior of images that was trained for a few steps, its data, and an extractor of features."""
    folder = tmp_path_factory.mktemp("pictures")
    images, cnn = plugins.load("dataset", "digit_images"), plugins.load("extractor", "cnn", epochs=1)
    dataset.write_dataset(images, "digit_images", range(1), folder, "0-0")
    extractor.write_extractor(images, "cnn", cnn, folder / "cnn.safetensors")
    content = {"dataset": {}, "family": {"latent": 2, "width": 2}, "loss": {}, "stats": {}, "statistics": {}}
    content |= {"train": {"steps": 2, "checkpoints": 1}}
    cell, rows = Cell("digit_images", "lebm", "ed", "none"), folder / "seeds0-0.safetensors"
    train.train_seeds(cell, "0-0", content, rows, "cpu", "digest", folder / "lebm")
    return ExperimentInputs(folder / "lebm", rows, folder / "cnn.safetensors")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """One inverse temperature, few cells and particles; two sizes of everything."""
    monkeypatch.setattr(sample_size, "ROWS", (200, 400))
    monkeypatch.setattr(sample_size, "WIDTHS", (4, 8))
    monkeypatch.setattr(sample_size, "SETS", ("s1", "s3"))
    monkeypatch.setattr(discrepancy_time, "WIDE_CELLS", 61)
    monkeypatch.setattr(constraints, "GRID", 30)
    monkeypatch.setattr(constraints, "PLACES", 2)
    monkeypatch.setattr(constraints, "EDGE", (0.2, 0.0))
    monkeypatch.setattr(constraints, "Newton", lambda draws: steering.Newton(draws, rounds=2))
    monkeypatch.setattr(steering, "DRAWN", (SMC(populations=2, particles=32, temperatures=4, refresh=1),))
    monkeypatch.setattr(latent_samplers, "BETAS", (1.0, 10.0))
    monkeypatch.setattr(tempered.exact, "__defaults__", ((LatentCells(sides=60),),))


@pytest.mark.parametrize("name", plugins.available("experiment"))
def test_tables_and_figure_stand_in_the_folder(name, request, tmp_path, monkeypatch):
    known = plugins.fields("experiment", name)
    needs = "pictured" if "extractor" in known else "given" if "run" in known else None
    files = request.getfixturevalue(needs) if needs else NOTHING
    write_experiment(name, SMALL[name], tmp_path, files)
    drawn = pd.read_csv(tmp_path / "figure.csv")
    for table, rows in drawn.groupby("panel"):
        kept = pd.read_csv(tmp_path / f"{table}.csv")
        assert len(kept) == len(rows) > 0
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert (tmp_path / "figure.pdf").exists()
    monkeypatch.setitem(FIGURES, name, lambda tables, stem: None)
    write_experiment(name, SMALL[name], tmp_path / "again", files)
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert again == {name: (tmp_path / name).read_bytes() for name in again}
    assert again.keys() >= {f"{table}.csv" for table in drawn["panel"]}


def test_every_experiment_has_a_figure():
    assert set(FIGURES) == set(plugins.available("experiment"))


def test_a_wrong_setting_is_one_line(tmp_path):
    with pytest.raises(UserError, match="experiment nearsightedness: 'seeds' is unknown; allowed: rows"):
        write_experiment("nearsightedness", {"seeds": 3}, tmp_path)


def test_a_study_without_a_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match="experiment latent_samplers needs a trained run: its folder and the file"):
        write_experiment("latent_samplers", SMALL["latent_samplers"], tmp_path)


def test_a_run_without_a_result_is_one_line(given, tmp_path):
    run = read_json(given.studied / "run.json")
    run["runs"]["0"] |= {"status": "diverged", "reason": "loss = inf at step 3"}
    write_json(tmp_path / "run.json", run)
    (tmp_path / "model.safetensors").symlink_to(given.studied / "model.safetensors")
    with pytest.raises(UserError, match="seed 0 ended as diverged, loss = inf at step 3; no model to study"):
        write_experiment("latent_samplers", SMALL["latent_samplers"], tmp_path, given._replace(studied=tmp_path))


def test_features_that_are_not_there_are_one_line(pictured, tmp_path):
    settings = SMALL["fd_steps"]
    with pytest.raises(UserError, match="experiment fd_steps: the file of the extractor cnn is missing"):
        write_experiment("fd_steps", settings, tmp_path, pictured._replace(features=None))
    images, gone = plugins.load("dataset", "digit_images"), tmp_path / "gone.pth"
    nothing = plugins.load("extractor", "inception", path=str(gone))
    extractor.write_extractor(images, "inception", nothing, tmp_path / "inception.safetensors")
    with pytest.raises(UserError, match=f"experiment fd_steps: features are not available, .*{gone.name}"):
        write_experiment("fd_steps", settings, tmp_path, pictured._replace(features=tmp_path / "inception.safetensors"))
