"""A loss of a package of its own, installed beside the suite, trains and is scored; no file of the checkout changes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.documented import files
from tests.helpers.project import ROOT, Project

GRID = {
    "seeds": 1,
    "train": {"steps": 20, "checkpoints": 2},
    "sample": {"samples": 200, "chains": 20, "warmup": 5, "thin": 1, "bounds": 0},
    "likelihood": {"quadrature": {"grid": 60}},
    "datasets": {"moons": {"train": 500, "val": 200, "test": 200}},
    "families": {"ebm": {"width": 8, "depth": 1}},
    "losses": {"sliced_differences": {"step": 0.05}},
    "stats": {"none": {}},
    "figures": {},
}

SCORES = "results/tables/scores.csv"

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "theirs"
version = "0.1"

[project.entry-points."ebmbench.losses"]
sliced_differences = "theirs.sliced_differences"
"""

#: the same, as it is installed
ENTRY = "sliced_differences = theirs.sliced_differences"

#: the loss that docs/guide/adding_a_method.md writes into the checkout
LOSS = next(text for path, text in files().items() if path.endswith("fdssm.py"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A package with one loss, installed by pip into a folder of its own, without a look at any registry."""
    folder = tmp_path_factory.mktemp("theirs")
    package = folder / "package/theirs"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import torch\n")
    (package / "sliced_differences.py").write_text(LOSS)
    (package.parent / "pyproject.toml").write_text(PROJECT)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--target"]
    command = [sys.executable, "-m", "pip", "install", *options, folder / "site", package.parent]
    subprocess.run(command, check=True, capture_output=True)
    return str(folder / "site")


def renamed(site, folder, name, module):
    """The installed package in another folder, with another name of its loss and of its module."""
    shutil.copytree(site, folder)
    (folder / "theirs/sliced_differences.py").rename(folder / f"theirs/{module}.py")
    (points,) = folder.glob("theirs-*.dist-info/entry_points.txt")
    text = points.read_text()
    assert ENTRY in text
    points.write_text(text.replace(ENTRY, f"{name} = theirs.{module}"))
    return str(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("external") / "project", GRID)


def test_it_is_unknown_while_it_is_not_installed(project):
    code, text = project.run("-n")
    assert code != 0
    assert "losses: 'sliced_differences' is unknown; allowed: cd" in text


def test_it_trains_and_is_scored_and_its_code_counts(project, site):
    code, text = project.run(SCORES, PYTHONPATH=site)
    assert code == 0, text
    scores = pd.read_csv(project.folder / "results/tables/scores.csv")
    found = scores[(scores["loss"] == "sliced_differences") & (scores["metric"] == "kl")]
    assert len(found) == 1 and set(found["status"]) == {"ok"}
    assert project.run("-n", SCORES, PYTHONPATH=site)[1].count("Nothing to be done")
    with Path(site, "theirs/sliced_differences.py").open("a") as file:
        file.write("\n# an edit\n")
    code, text = project.run(SCORES, "-n", "--quiet", "rules", PYTHONPATH=site)
    assert code == 0 and "train_external" in text


@pytest.mark.parametrize(
    ("name", "module", "line"),
    [
        ("other", "sliced_differences", "the name must equal the last part of the module name, sliced_differences"),
        ("ed", "ed", "ebmbench already has a loss 'ed'; rename the module"),
    ],
)
def test_a_name_that_is_ambiguous_is_refused_in_one_line(project, site, tmp_path, name, module, line):
    code, text = project.run("-n", "--quiet", "rules", PYTHONPATH=renamed(site, tmp_path / "site", name, module))
    assert code != 0
    assert sum(line in one for one in text.splitlines()) == 1


@pytest.mark.slow
def test_the_contract_tests_take_it_in(site):
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{site}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "tests/contract/test_losses.py", "-k", "sliced_differences"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 4
