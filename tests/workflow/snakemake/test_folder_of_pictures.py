"""A folder of pictures of one's own: a method is trained on it and judged; a changed picture makes that again."""

import os

import pandas as pd
import pytest

from tests.data.own_images.pictures import folder_of, levels, picture
from tests.helpers import warm_jobs
from tests.helpers.project import Project

GRID = {
    "seeds": 1,
    "train": {"steps": 10, "batch_size": 16, "checkpoints": 2},
    "sample": {"samples": 50, "chains": 10, "warmup": 5, "thin": 1, "bounds": 0},
    "sampler": {"ula": {"step_size": 0.04}},
    "evaluate": ["i1"],
    "datasets": {"mine": {"kind": "image_folder", "path": "data/pictures"}},
    "families": {"vae": {"latent": 4, "width": 4}},
    "losses": {"elbo": {}},
    "stats": {"none": {}},
    "extractors": {"mine": {"cnn": {"epochs": 1}}},
    "figures": {},
}

RUN = "results/runs/mine/vae-elbo-none/seeds0-0"
MADE = [f"{RUN}/scores.csv", f"{RUN}/image_scores.csv", "results/tables/data/mine.md"]

#: what a changed picture makes again
AGAIN = {"dataset": 1, "train_elbo": 1, "sample": 1, "score": 1, "extractor": 1, "image_scores": 1, "data_page": 1}
AGAIN |= {"total": sum(AGAIN.values())}


@pytest.fixture
def project(tmp_path):
    found = Project(tmp_path / "project", GRID)
    # two classes, of which one is darker
    folder_of(found.folder / "data/pictures/dark", levels(32) // 2)
    folder_of(found.folder / "data/pictures/light", levels(32, seed=1))
    return found


@pytest.mark.slow
def test_a_folder_is_trained_on_and_judged_and_a_change_of_it_makes_all_again(project):
    code, text = project.run(*MADE, **warm_jobs.shared())
    assert code == 0, text
    found = pd.read_csv(project.folder / MADE[1])
    assert pd.read_csv(project.folder / MADE[2].replace(".md", ".csv"))["class"].tolist() == ["dark", "light", "all"]
    assert (found.loc[found["metric"] == "kid_cnn", "status"] == "ok").all()
    # of 64 pictures 5 are for validation
    few = found[found["metric"] == "fd_cnn"]
    assert set(few["status"]) == {"failed"} and few["reason"].str.startswith("5 images are compared").all()
    pictures = project.folder / "data/pictures"
    os.utime(pictures / "dark/00.png")
    assert project.planned(*MADE) == {}
    picture(levels(1, seed=9)[0]).save(pictures / "dark/99.png")
    assert project.planned(*MADE) == AGAIN
