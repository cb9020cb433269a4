"""What docs/adding_a_method.md says is done as it says, and works: new files, one word each, nothing else."""

import copy
import os
import subprocess
import sys

import documented
import pandas as pd
import pytest
from project import ROOT, Project

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
def finished(tmp_path_factory):
    """A small grid that is done."""
    project = Project(tmp_path_factory.mktemp("adding") / "project", SMALL)
    code, text = project.run("--cores", "2")
    assert code == 0, text
    return project


def grown(name):
    section, word, _ = ADDED[name]
    config = copy.deepcopy(SMALL)
    config[section][name] = word
    return config


@pytest.mark.parametrize("name", ADDED)
def test_new_files_and_a_word_plan_the_new_cells_and_nothing_else(finished, name):
    paths = documented.write(finished.folder, name)
    assert paths
    finished.configure(grown(name))
    try:
        planned = {rule: count for rule, count in finished.planned().items() if rule.startswith(MAKING)}
    finally:
        finished.configure(SMALL)
        for path in paths:
            (finished.folder / path).unlink()
    assert planned == ADDED[name][2]


def test_a_method_is_less_than_forty_lines():
    files = documented.files()
    lines = [line for path, text in files.items() if "fdssm" in path for line in text.splitlines()]
    assert len([path for path in files if "fdssm" in path]) == 2
    assert len(lines) + 1 < 40


@pytest.fixture(scope="module")
def extended(finished, tmp_path_factory):
    """All of them at once, run to the end."""
    project = Project(tmp_path_factory.mktemp("extended") / "project", SMALL)
    config = copy.deepcopy(SMALL)
    for name, (section, word, _) in ADDED.items():
        documented.write(project.folder, name)
        config[section][name] = word
    project.configure(config)
    code, text = project.run("--cores", "2")
    assert code == 0, text
    return project


def test_all_of_them_have_their_rows(extended):
    scores = pd.read_csv(extended.folder / "results/tables/scores.csv")
    sound = scores[(scores["status"] == "ok") & (scores["metric"] == "kl")]
    cells = set(zip(sound["dataset"], sound["family"], sound["loss"], sound["stats"], strict=True))
    for dataset in ("moons", "two_clouds"):
        assert {
            (dataset, "ebm", "ed", "none"),
            (dataset, "ebm", "fdssm", "none"),
            (dataset, "ebm", "ed", "waves"),
            (dataset, "numpy_gaussian", "none", "none"),
        } <= cells
    skipped = pd.read_csv(extended.folder / "results/tables/skipped.csv")
    elsewhere = skipped[skipped["family"] == "numpy_gaussian"]
    assert set(elsewhere["reason"]) == {"a model that is made elsewhere has no loss or statistics of ours"}


def test_the_script_in_numpy_scores_as_our_own_gaussian_does(extended):
    """KL of a normal law with the train rows' mean and covariance, whoever fits it."""
    project = extended
    config = copy.deepcopy(SMALL) | {"losses": {"none": {}, "ml": {}}, "families": {"gaussian": {}}, "results": "own"}
    config["exclude"] = [{"match": {"loss": "none"}, "reason": "a model needs a loss"}]
    project.configure(config)
    code, text = project.run("--cores", "2")
    assert code == 0, text
    kl = {}
    for folder, family in (("results", "numpy_gaussian"), ("own", "gaussian")):
        scores = pd.read_csv(project.folder / folder / "tables/scores.csv")
        same = scores[(scores["dataset"] == "moons") & (scores["family"] == family) & (scores["metric"] == "kl")]
        kl[family] = same["value"].item()
    assert kl["numpy_gaussian"] == pytest.approx(kl["gaussian"], rel=0.02)


@pytest.mark.parametrize(("module", "name"), [("losses", "fdssm"), ("datasets", "two_clouds"), ("statistics", "waves")])
def test_the_contract_test_takes_it_in(extended, module, name):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"tests/contract/test_{module}.py", "-k", name]
    environment = os.environ | {"PYTHONPATH": str(extended.folder / "src"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout or done.stdout.count(".") > 0
