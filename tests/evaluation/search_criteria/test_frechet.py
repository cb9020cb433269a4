"""Trials of models of images, compared by features of validation images."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from ebmbench.core import plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json
from ebmbench.core.seeds import generator
from ebmbench.data.images import shown
from ebmbench.evaluation.metrics.features import frechet_distance
from ebmbench.evaluation.search_criteria.frechet import Frechet
from ebmbench.evaluation.search_criteria.interface import TrialModel
from ebmbench.inference.likelihoods.interface import Problem
from ebmbench.models.interface import SamplesOnly
from ebmbench.workflow.stages import dataset, extractor
from ebmbench.workflow.stages.trained_runs import BlockFile, build, problem_of
from ebmbench.workflow.stages.tune import write_search
from tests.helpers.contract_models import SMALL

CPU = torch.device("cpu")
SAMPLE = {"samples": 200, "chains": 50, "warmup": 2, "thin": 1, "bounds": 0}


class Drawn(SamplesOnly):
    """A model whose samples are given images, moved by ``shift``."""

    def __init__(self, images, shift=0.0):
        super().__init__()
        self.images, self.shift = images, shift

    def sample(self, n, generator):
        order = torch.randperm(len(self.images), generator=generator)
        return (self.images[order[:n]] + self.shift).clamp(-1, 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The files of the digits and of an extractor of them."""
    folder = tmp_path_factory.mktemp("images")
    digits = plugins.load("dataset", "digit_images")
    dataset.write_dataset(digits, "digit_images", [7], folder, "7-7")
    extractor.write_extractor(digits, "cnn", plugins.load("extractor", "cnn", epochs=6), folder / "cnn.safetensors")
    return folder / "seeds7-7.safetensors", folder / "cnn.safetensors"


@pytest.fixture(scope="module")
def rows(files):
    return BlockFile(files[0], plugins.load("dataset", "digit_images")).of(7)


def criterion(path):
    found = extractor.read_features(path)
    return Frechet(found.plugin(f"tuning.criterion: {path}"), found.weights)


def score(files, rows, model, problem=None, changes=()):
    settings = {"sample": SAMPLE | dict(changes), "sampler": {"ula": {"step_size": 0.04}}}
    trial = TrialModel("vae", model, problem or model, rows, CPU, settings, generator("tuning", 0))
    return criterion(files[1]).score(trial)


def test_images_of_the_data_are_near_and_others_are_far(files, rows):
    train = rows.splits.train
    real, noise, shifted = (
        score(files, rows, model)
        for model in (Drawn(train), Drawn(torch.rand(400, 64) * 2 - 1), Drawn(train, shift=0.5))
    )
    assert real.score < 0.4 * shifted.score and real.score < 0.1 * noise.score
    assert 0 < real.stderr < real.score and real.reason == ""


def test_it_is_the_distance_to_validation_images_and_not_to_test_images(files, rows):
    found = score(files, rows, Drawn(rows.splits.val))
    # the samples are all of the validation images in another order
    assert found.score == pytest.approx(0, abs=1e-6)
    read = extractor.read_features(files[1])
    plugin = plugins.load("extractor", read.kind, **read.settings)
    val, test = (plugin.features(read.weights, shown(of)) for of in (rows.splits.val, rows.splits.test))
    assert frechet_distance(val, test).value > 0.1


def test_samples_worth_too_few_have_no_score(files, rows):
    cell = Cell("digit_images", "lebm", "ed", "none")
    settings = {"dataset": {}, "family": SMALL["lebm"], "loss": {}, "stats": {}, "statistics": {}}
    model = build(cell, settings, rows, 7, CPU).eval().requires_grad_(False)
    problem = problem_of(model, rows, None, CPU)
    assert isinstance(problem, Problem)
    found = score(files, rows, model, problem, {"chains": 10})
    assert found.score != found.score and "are compared on this data set" in found.reason


def test_a_search_chooses_the_trial_nearest_to_validation_images(files, tmp_path):
    space = {"train": {"learning_rate": [0.003]}}
    settings = {
        **{
            "dataset": {},
            "family": {"latent": 8, "width": 8, "sigma": 1.0},
            "loss": {},
            "stats": {},
            "statistics": {},
        },
        **{"train": {"steps": 500, "batch_size": 32, "learning_rate": 1e-5}},
        **{"sample": SAMPLE, "sampler": {"ula": {}}},
        "tuning": {"space": space, "trials": 2, "seeds": [7], "rung": 1, "criterion": "fd_cnn"},
    }
    cell = Cell("digit_images", "vae", "elbo", "none")
    write_search(cell, settings, files[0], "cpu", "code", tmp_path, criterion(files[1]))
    table = pd.read_csv(tmp_path / "trials.csv")
    assert "val_nll" not in table and table["val_fd_cnn"][1] < table["val_fd_cnn"][0] and (table["stderr"] > 0).all()
    assert read_json(tmp_path / "chosen.json")["trial"] == 1


def test_an_extractor_without_weights_is_refused(tmp_path):
    path = Path(tmp_path, "digits-inception.safetensors")
    missing = plugins.load("extractor", "inception", path=str(tmp_path / "absent.pth"))
    extractor.write_extractor(plugins.load("dataset", "digit_images"), "inception", missing, path)
    with pytest.raises(UserError, match=r"tuning.criterion: .*digits-inception.safetensors: .*absent.pth"):
        criterion(path)
