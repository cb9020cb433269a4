"""What the guide to adding methods says is done as it says, and works: new files, one word each, nothing else."""

import copy
import os
import subprocess
import sys
from collections import Counter

import pandas as pd
import pytest
import torch

from ebmbench.core import files
from tests.helpers import documented
from tests.helpers.project import ROOT, Project

SMALL = {
    "seeds": 1,
    "train": {"steps": 20, "checkpoints": 2},
    "sample": {"samples": 200, "chains": 20, "warmup": 5, "thin": 1, "bounds": 0},
    "likelihood": {"quadrature": {"grid": 60}},
    "datasets": {"moons": {"train": 500, "val": 200, "test": 200}},
    "families": {"ebm": {"width": 8, "depth": 1}},
    "losses": {"none": {}, "ed": {}},
    "stats": {"none": {}},
    "figures": {"density_panels": {}},
    "exclude": [{"match": {"family": "ebm", "loss": "none"}, "reason": "a model needs a loss"}],
}

#: name -> the section of its word, the word, the jobs that make its runs
ADDED = {
    "fdssm": ("losses", {}, {"train_fdssm": 1, "sample": 1, "score": 1}),
    "two_clouds": (
        "datasets",
        {"train": 500, "val": 200, "test": 200},
        {"dataset": 1, "train_ed": 1, "sample": 1, "score": 1},
    ),
    "waves": ("stats", {"kind": "joint", "set": "waves"}, {"train_ed": 1, "sample": 1, "score": 1}),
    "numpy_gaussian": ("families", {"kind": "outside"}, {"numpy_gaussian": 1, "score": 1}),
}

MAKING = ("dataset", "sample", "score", "train", "tilt", "numpy")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small grid, and the jobs that it plans."""
    project = Project(tmp_path_factory.mktemp("adding") / "project", SMALL)
    return project, making(project)


def grown(*names):
    config = copy.deepcopy(SMALL)
    for name in names:
        section, word, _ = ADDED[name]
        config[section][name] = word
    return config


def making(project):
    return Counter({rule: count for rule, count in project.planned().items() if rule.startswith(MAKING)})


@pytest.mark.parametrize("name", ADDED)
def test_new_files_and_a_word_plan_the_new_cells_and_nothing_else(small, name):
    project, before = small
    paths = documented.write(project.folder, name)
    assert paths
    project.configure(grown(name))
    try:
        after = making(project)
    finally:
        project.configure(SMALL)
        for path in paths:
            (project.folder / path).unlink()
    assert before and before <= after
    assert after - before == ADDED[name][2]


def test_a_method_is_less_than_forty_lines():
    files = documented.files()
    # blank lines apart
    lines = [line for path, text in files.items() if "fdssm" in path for line in text.splitlines() if line]
    assert len([path for path in files if "fdssm" in path]) == 2
    assert len(lines) + 1 < 40


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """All of them at once, run to their tables and a figure, each on one data set at least."""
    project = Project(tmp_path_factory.mktemp("extended") / "project", SMALL)
    for name in ADDED:
        documented.write(project.folder, name)
    config = grown(*ADDED)
    config["exclude"] += [
        {"match": {"loss": "ed"}, "reason": "time"},
        {"match": {"dataset": "two_clouds", "stats": "waves"}, "reason": "time"},
        {"match": {"dataset": "two_clouds", "family": "numpy_gaussian"}, "reason": "time"},
    ]
    project.configure(config)
    code, text = project.run("tables", "figure_density_panels")
    assert code == 0, text
    return project


def test_all_of_them_have_their_rows(extended):
    scores = pd.read_csv(extended.folder / "results/tables/scores.csv")
    sound = scores[(scores["status"] == "ok") & (scores["metric"] == "kl")]
    cells = set(zip(sound["dataset"], sound["family"], sound["loss"], sound["stats"], strict=True))
    assert cells == {
        ("moons", "ebm", "fdssm", "none"),
        ("moons", "ebm", "fdssm", "waves"),
        ("moons", "numpy_gaussian", "none", "none"),
        ("two_clouds", "ebm", "fdssm", "none"),
    }
    skipped = pd.read_csv(extended.folder / "results/tables/skipped.csv")
    elsewhere = skipped[(skipped["family"] == "numpy_gaussian") & (skipped["reason"] != "time")]
    assert set(elsewhere["reason"]) == {"an external model has no loss or statistics of this benchmark"}


def test_the_scripts_likelihood_is_that_of_a_normal_distribution(extended):
    rows = files.read_tensors(extended.folder / "results/data/moons/seeds0-0.safetensors")
    train, test = rows["0/train"].double(), rows["0/test"].double()
    distribution = torch.distributions.MultivariateNormal(train.mean(0), torch.cov(train.T))
    scores = pd.read_csv(extended.folder / "results/tables/scores.csv")
    same = scores[(scores["run"] == "moons/numpy_gaussian-none-none/s0") & (scores["metric"] == "nll")]
    assert same[same["split"] == "test"]["value"].item() == pytest.approx(
        -float(distribution.log_prob(test).mean()), rel=1e-6
    )


def test_the_contract_tests_take_them_in(extended):
    modules = [f"tests/contract/test_{axis}.py" for axis in ("losses", "datasets", "statistics")]
    chosen = ["-k", "fdssm or two_clouds or waves", "-p", "no:cacheprovider", "-rA"]
    environment = os.environ | {"PYTHONPATH": str(extended.folder / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *modules, *chosen]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    for name in ("fdssm", "two_clouds", "waves"):
        assert any(line.startswith("PASSED") and name in line for line in done.stdout.splitlines()), name
