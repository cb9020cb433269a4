"""A table of a user's own: an edit of the file makes its cells again, a file that cannot be used is one line."""

import os

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


def test_each_table_that_cannot_be_used_is_one_line_of_its_own(project, tmp_path):
    """A column with missing values, and in another table a dimension that is not the number of its columns."""
    bad = table()
    bad.loc[[3, 5, 8, 13, 21], "dose"] = np.nan
    bad.to_csv(tmp_path / "patients.csv", index=False)
    table().to_csv(tmp_path / "wards.csv", index=False)
    text = (project.folder / "src/ebmbench/data/patients.py").read_text()
    text = (
        text.replace("patients", "wards")
        .replace("Patients", "Wards")
        .replace("    columns = ", "    dim = 5\n    columns = ")
    )
    (project.folder / "src/ebmbench/data/wards.py").write_text(text)
    project.configure(OWN | {"datasets": {"patients": {}, "wards": {}}})
    code, text = project.run(*(f"results/data/{name}/seeds0-0.json" for name in ("patients", "wards")))
    assert code != 0 and "Traceback" not in text
    logs = [project.folder / f"results/logs/data/{name}/seeds0-0.log" for name in ("patients", "wards")]
    (of_patients,), (of_wards,) = (log.read_text().splitlines() for log in logs)
    assert of_patients.startswith("ebmbench dataset: dataset patients: ") and "column dose: 5 values" in of_patients
    assert "dim = 5" in of_wards and "4" in of_wards
