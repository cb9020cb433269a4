"""A table of a user's own: an edit of the file makes its cells again, a file that cannot be used is one line."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers import documented
from tests.helpers.project import SMALL, Project

#: the table and a set that it must not touch
OWN = SMALL | {
    "seeds": 1,
    "datasets": {"patients": {}, "moons": SMALL["datasets"]["moons"]},
    "families": {"gaussian": {}},
    "losses": {"ml": {}},
    "exclude": [],
    "figures": {},
}

#: the trained models: two data jobs, two trainings
FITTED = [f"results/runs/{name}/gaussian-ml-none/seeds0-0/run.json" for name in ("patients", "moons")]


def table(rows=400):
    drawn = np.random.default_rng(0).normal(size=(rows, 4)).round(3)
    return pd.DataFrame(drawn, columns=["height", "weight", "dose", "age"]).assign(site="north")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("EBMBENCH_DATA", str(tmp_path))
    found = Project(tmp_path / "project", OWN)
    assert documented.write(found.folder, "patients")
    table().to_csv(tmp_path / "patients.csv", index=False)
    return found


#: what an edit of the file makes again
AGAIN = {"dataset": 1, "train_ml": 1, "total": 2}


def fitted(project):
    code, text = project.run(*FITTED)
    assert code == 0, text


def edit(path):
    """Edit the file, and return what it was."""
    text = path.read_text()
    path.write_text(text.replace("1", "2", 1))
    return text


def test_an_edit_of_the_file_is_seen_and_a_touch_is_none(project, tmp_path):
    fitted(project)
    path = tmp_path / "patients.csv"
    os.utime(path)
    assert project.planned(*FITTED) == {}
    edit(path)
    assert project.planned(*FITTED) == AGAIN


@pytest.mark.slow
def test_what_is_made_of_an_edited_file_is_settled_until_the_next_edit(project, tmp_path):
    fitted(project)
    text = edit(tmp_path / "patients.csv")
    fitted(project)
    assert project.planned(*FITTED) == {}
    (tmp_path / "patients.csv").write_text(text)
    assert project.planned(*FITTED) == AGAIN


def test_values_that_are_missing_are_named_by_column_in_one_line(project, tmp_path):
    bad = table()
    bad.loc[[3, 5, 8, 13, 21], "dose"] = np.nan
    bad.to_csv(tmp_path / "patients.csv", index=False)
    code, text = project.run(FITTED[0])
    assert code != 0 and "Traceback" not in text
    (line,) = (project.folder / "results/logs/data/patients/seeds0-0.log").read_text().splitlines()
    assert line.startswith("ebmbench dataset: dataset patients: ") and "column dose: 5 values" in line


def test_a_dimension_that_is_not_the_table_s_is_one_line(project):
    module = project.folder / "src/ebmbench/data/patients.py"
    module.write_text(module.read_text().replace("    columns = ", "    dim = 5\n    columns = "))
    code, text = project.run(FITTED[0])
    assert code != 0 and "Traceback" not in text
    (line,) = Path(project.folder / "results/logs/data/patients/seeds0-0.log").read_text().splitlines()
    assert "dim = 5" in line and "4" in line
