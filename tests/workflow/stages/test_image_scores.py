"""Draws of images scored by features, from file to file."""

import dataclasses
import shutil

import pandas as pd
import pytest
import torch

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.columns import SCORES
from ebmbench.core.seeds import generator
from ebmbench.evaluation.metrics.features import frechet_distance, frechet_distances, halves
from ebmbench.evaluation.metrics.registry import OF_FEATURES
from ebmbench.workflow.stages import dataset, extractor, image_scores, sample, train
from tests.helpers.contract_models import SMALL

PLAN = {
    "sample": {"samples": 150, "chains": 50, "warmup": 5, "thin": 1, "bounds": 0},
    "sampler": {"ula": {}},
    "likelihood": {"smc": {"particles": 32, "temperatures": 5, "refresh": 2}},
}


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """A file of features of the digits."""
    out = tmp_path_factory.mktemp("extractors") / "digit_images-cnn.safetensors"
    extractor.write_extractor(
        plugins.load("dataset", "digit_images"), "cnn", plugins.load("extractor", "cnn", epochs=1), out
    )
    return out


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of finished runs by family: an untrained one, and the oracle's."""
    folder, found = tmp_path_factory.mktemp("runs"), {}
    dataset.write_dataset(plugins.load("dataset", "digit_images"), "digit_images", [0], folder, "0-0")
    for family, loss in (("lebm", "ed"), ("oracle", "none")):
        content = {"dataset": {}, "family": SMALL.get(family, {}), "loss": {}, "stats": {}, "statistics": {}}
        content |= {"train": {"steps": 2, "checkpoints": 1}}
        cell, rows = Cell("digit_images", family, loss, "none"), folder / "seeds0-0.safetensors"
        train.train_seeds(cell, "0-0", content, rows, "cpu", "digest", folder / family)
        sample.write_samples(folder / family, sample.Plan.of(PLAN), rows, "cpu")
        found[family] = worth(folder / family, 150)
    return found


def worth(folder, n_eff):
    """The folder, its samples now worth ``n_eff``: an untrained model's are worth little."""
    facts = files.read_json(folder / "sampling.json")
    for part in ("samples", "model", "base"):
        if part in facts["runs"]["0"]:
            facts["runs"]["0"][part]["n_eff"] = n_eff
    files.write_json(folder / "sampling.json", facts)
    return folder


def copied(run, folder):
    """A copy of the finished run, to be changed: ``folder/run``, with its data set's files in ``folder``."""
    shutil.copytree(run, folder / "run")
    for path in run.parent.glob("seeds0-0.*"):
        shutil.copy(path, folder)
    return folder / "run"


def scores(folder, judges):
    image_scores.write_image_scores(folder, folder.parent / "seeds0-0.safetensors", judges)
    return pd.read_csv(folder / "image_scores.csv", keep_default_na=False, na_values=[""])


def test_every_distribution_extractor_distance_and_reference_has_a_row_with_an_error(runs, judge):
    found = scores(runs["lebm"], {"cnn": judge})
    assert tuple(found.columns) == SCORES
    keys = set(zip(found["distribution"], found["metric"], found["split"], strict=True))
    distributions = ("model", "sampler", "base")
    names = [f"{distance}_cnn" for distance in OF_FEATURES]
    assert keys == {
        (distribution, name, split)
        for distribution in distributions
        for name in names
        for split in (("train",) if name == "copying_cnn" else ("train", "test"))
    }
    assert len(found) == len(keys) and (found["status"] == "ok").all() and (found["n"] > 0).all()
    features = extractor.read_features(judge)
    assert found["method"].str.endswith(f"; cnn {features.sha256[:12]}").all()
    # five steps of warm-up and three draws of each of 50 chains
    reported = found.groupby("distribution")["method"].first()
    assert reported["sampler"].startswith("ula, 8 steps; ") and reported["base"].startswith("exact; ")
    assert (found[found["metric"] == "fd_cnn"]["stderr"] > 0).all()
    # images of held-out rows are nearer to those for training than draws of an untrained model
    real = scores(runs["oracle"], {"cnn": judge})
    of_model, of_oracle = (
        table[(table["distribution"] == "model") & (table["metric"] == "fd_cnn") & (table["split"] == "train")][
            "value"
        ].item()
        for table in (found, real)
    )
    assert of_oracle < 0.2 * of_model


def test_repeated_training_images_are_distinguished_from_new_ones(runs, judge, tmp_path):
    found = {
        family: scores(folder, {"cnn": judge}).set_index(["distribution", "metric"]) for family, folder in runs.items()
    }
    value, stderr = found["oracle"].loc[("model", "copying_cnn"), ["value", "stderr"]].astype(float)
    # images held out, although the extractor's features know them as published training images
    assert abs(value - 0.5) < 2 * stderr < 0.1
    # samples of an untrained model are far from everything
    assert found["lebm"].loc[("model", "copying_cnn"), "value"] < 0.1
    folder = copied(runs["oracle"], tmp_path)
    tensors = files.read_tensors(folder / "samples.safetensors")
    train = files.read_tensors(tmp_path / "seeds0-0.safetensors")["0/train"]
    tensors["0/samples"] = train[: len(tensors["0/samples"])].clone()
    files.write_tensors(folder / "samples.safetensors", tensors)
    row = scores(folder, {"cnn": judge}).set_index(["distribution", "metric"]).loc[("sampler", "copying_cnn")]
    assert row["value"] == 1 and row["n"] == len(tensors["0/samples"])


def test_as_many_images_for_training_as_there_are_draws_are_the_floor(runs, judge):
    table = scores(runs["lebm"], {"cnn": judge}).set_index(["distribution", "split", "metric"])["value"]
    features = extractor.read_features(judge)
    for split in ("train", "test"):
        floor = table["model", split, "floor_cnn"]
        assert 0 < floor < 0.2 * table["model", split, "fd_cnn"]
    # halves: as many draws as there may be in the smaller
    rows, others = halves(features.train, 10_000, generator("extractor", "halves"))
    assert len(rows) + len(others) == len(features.train) and len(rows) == len(features.train) // 2
    between = frechet_distance(rows, others)
    assert between.value < table["model", "train", "floor_cnn"]
    assert between.value < 6 * between.stderr + 0.05 * float(features.train.var(0).sum())
    assert not (rows[:, None] == others[None, :200]).all(-1).any()


def test_two_halves_of_the_training_images_are_at_no_distance_once_it_is_extrapolated(judge):
    features = extractor.read_features(judge)
    halved = [halves(features.train, 10_000, generator("halves", seed)) for seed in range(10)]
    found = [frechet_distances(*parts) for parts in halved]
    assert all(abs(of.corrected.value) < 3 * of.corrected.stderr for of in found)
    # the plain distance is not zero for any of them
    assert all(of.plain.value > 0 for of in found)
    plain, corrected = (sum(getattr(of, name).value for of in found) / 10 for name in ("plain", "corrected"))
    assert abs(corrected) < 0.2 * plain


def test_without_weights_rows_are_skipped_with_the_reason_and_genuine_ones_are_called_fid(runs, tmp_path):
    out = tmp_path / "digit_images-inception.safetensors"
    gone = plugins.load("extractor", "inception", path=str(tmp_path / "gone.pth"))
    extractor.write_extractor(plugins.load("dataset", "digit_images"), "inception", gone, out)
    found = scores(runs["oracle"], {"inception": out})
    assert set(found["status"]) == {"skipped"} and found["reason"].str.contains("gone.pth").all()
    assert "fid" not in set(found["metric"]) and "fd_inception" in set(found["metric"])
    facts = files.read_json(out.with_suffix(".json"))
    files.write_json(out.with_suffix(".json"), facts | {"fid": True})
    assert "fid" in set(scores(runs["oracle"], {"inception": out})["metric"])


def test_draws_that_are_not_finite_fail(runs, judge, tmp_path):
    folder = copied(runs["oracle"], tmp_path)
    tensors = files.read_tensors(folder / "samples.safetensors")
    tensors["0/samples"][3, 5] = torch.nan
    files.write_tensors(folder / "samples.safetensors", tensors)
    found = scores(folder, {"cnn": judge})
    assert set(found["status"]) == {"failed"} and set(found["reason"]) == {"a sample is not finite"}
    assert dataclasses.asdict(plugins.load("extractor", "cnn", epochs=1)) == extractor.read_features(judge).settings


def test_as_many_images_are_compared_as_are_worth_those_held_out(runs, judge, tmp_path):
    rows = files.read_tensors(runs["lebm"].parent / "seeds0-0.safetensors")
    size = min(len(rows["0/val"]), len(rows["0/test"]))
    assert 100 < size < 150
    found = scores(runs["lebm"], {"cnn": judge})
    assert set(found[found["metric"].isin(["fd_cnn", "precision_cnn"])]["n"]) == {size}
    assert set(found[found["metric"] == "kid_cnn"]["n"]) == {150}
    few = scores(worth(copied(runs["lebm"], tmp_path), size - 1), {"cnn": judge}).set_index("metric")["status"]
    assert set(few["fd_cnn"]) == set(few["precision_cnn"]) == set(few["recall_cnn"]) == {"failed"}
    assert set(few["kid_cnn"]) == set(few["floor_cnn"]) == {"ok"}


def test_draws_worth_less_than_one_are_no_test_of_copies(runs, judge, tmp_path):
    found = scores(worth(copied(runs["lebm"], tmp_path), 0.25), {"cnn": judge})
    found = found[found["metric"] == "copying_cnn"]
    assert set(found["status"]) == {"failed"} and found["reason"].str.startswith("the draws are worth 0.25").all()
