"""Images of one's own go through the stages as any others, and are checked before the first job."""

import numpy as np
import pytest

from ebmbench.core import files, plugins
from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning import config as configuration
from ebmbench.planning.local_files import read_as
from ebmbench.workflow.stages import dataset, extractor, train
from ebmbench.workflow.stages.check_settings import check_grid_settings
from ebmbench.workflow.stages.external_extractors import ExtractorFiles
from tests.data.own_images.pictures import archive_of, folder_of, levels, picture
from tests.helpers.configurations import SCHEMA

CELL = Cell("mine", "vae", "elbo", "none")


@pytest.fixture
def entry(tmp_path):
    folder_of(tmp_path / "pictures/dark", levels(32) // 2)
    folder_of(tmp_path / "pictures/light", levels(32, seed=1))
    return {"kind": "image_folder", "path": str(tmp_path / "pictures")}


def test_a_model_of_images_is_trained_on_a_folder_whose_change_is_seen(entry, tmp_path):
    dataset.write_dataset(plugins.load_entry("dataset", "mine", entry), "mine", [0], tmp_path, "0-0")
    facts = files.read_json(tmp_path / "seeds0-0.json")
    assert (facts["dim"], facts["sizes"]["0"], len(facts["files"])) == (64, [46, 5, 13], 1)
    settings = {"dataset": entry, "family": {"latent": 4, "width": 4}, "loss": {}, "stats": {}, "statistics": {}}
    content = settings | {"train": {"steps": 2, "checkpoints": 1}}
    train.train_seeds(CELL, "0-0", content, tmp_path / "seeds0-0.safetensors", "cpu", "digest", tmp_path / "vae")
    assert files.read_json(tmp_path / "vae/run.json")["runs"]["0"]["status"] == "ok"
    assert read_as(tmp_path / "seeds0-0.json") == ""
    picture(levels(1, seed=9)[0]).save(tmp_path / "pictures/dark/99.png")
    assert read_as(tmp_path / "seeds0-0.json").startswith("changed: ")


def test_the_suite_s_own_network_needs_classes(entry, tmp_path):
    cnn = plugins.load("extractor", "cnn", epochs=1)
    for name, path in (("both", entry["path"]), ("one", f"{entry['path']}/dark")):
        data = plugins.load("dataset", "image_folder", path=path)
        extractor.write_extractor(data, "cnn", cnn, tmp_path / f"{name}.safetensors")
    assert extractor.read_features(tmp_path / "both.safetensors").train.shape == (51, 64)
    found = extractor.read_features(tmp_path / "one.safetensors")
    assert found.train is None and found.reason.startswith("cnn: the images have no classes to tell apart; needed:")


def test_the_features_of_a_changed_file_are_made_anew(tmp_path):
    path = archive_of(tmp_path / "mine.npz", images=levels(), labels=np.arange(40) % 2)
    files = ExtractorFiles({"cnn": {"epochs": 1}}, tmp_path / "finished", tmp_path / "kept")

    def features():
        return extractor.read_features(
            files.of("mine", plugins.load("dataset", "image_archive", path=str(path)))["cnn"]
        )

    first = features()
    made = (tmp_path / "kept").stat().st_mtime_ns
    assert features().sha256 == first.sha256 and (tmp_path / "kept").stat().st_mtime_ns == made
    archive_of(path, images=levels(seed=1), labels=np.arange(40) % 2)
    assert features().sha256 != first.sha256


def test_a_bad_file_is_one_line_before_the_first_job(entry, tmp_path):
    (tmp_path / "pictures/dark/notes.txt").write_text("not a picture")
    grid = {"datasets": {"mine": entry}, "families": {"vae": {}}, "losses": {"elbo": {}}, "stats": {"none": {}}}
    with pytest.raises(UserError) as error:
        check_grid_settings(configuration.check(grid, SCHEMA))
    line = f"config: datasets.mine: {entry['path']}: dark/notes.txt is no picture; allowed: .png, .jpg, .jpeg; "
    assert str(error.value).startswith(line)
