"""A table that the configuration names by its path: an edit makes its cells again, a bad file stops the start."""

import os

import pandas as pd
import pytest

from tests.data.own_table.tables import measured
from tests.helpers import warm_jobs
from tests.helpers.project import SMALL, Project

#: the table and a set that it must not touch
OWN = SMALL | {
    "seeds": 1,
    "datasets": {
        "mine": {"kind": "table", "path": "data/mine.csv", "drop": ["site"]},
        "moons": SMALL["datasets"]["moons"],
    },
    "families": {"gaussian": {}},
    "losses": {"ml": {}},
    "exclude": [],
    "figures": {},
}

#: the trained models and the page of the table
MADE = [f"results/runs/{name}/gaussian-ml-none/seeds0-0/run.json" for name in ("mine", "moons")]
MADE += ["results/tables/data/mine.md"]

#: what an edit of the file makes again
AGAIN = {"dataset": 1, "train_ml": 1, "data_page": 1, "total": 3}


@pytest.fixture
def project(tmp_path):
    found = Project(tmp_path / "project", OWN)
    (found.folder / "data").mkdir()
    measured().assign(site="north").to_csv(found.folder / "data/mine.csv", index=False)
    return found


def test_an_edit_of_the_file_makes_its_cells_again_and_a_touch_nothing(project):
    code, text = project.run(*MADE, **warm_jobs.shared())
    assert code == 0, text
    page = (project.folder / MADE[-1]).read_text()
    assert "600 rows of 4 columns" in page and "left out: site (drop)" in page
    path = project.folder / "data/mine.csv"
    os.utime(path)
    assert project.planned(*MADE) == {}
    pd.read_csv(path).iloc[1:].to_csv(path, index=False)
    assert project.planned(*MADE) == AGAIN
    # of the settings, too
    project.configure(OWN | {"datasets": OWN["datasets"] | {"mine": OWN["datasets"]["mine"] | {"dequantise": "none"}}})
    assert project.planned(*MADE)["dataset"] == 1


def test_a_table_that_cannot_be_used_is_one_line_before_the_first_job(project):
    path = project.folder / "data/mine.csv"
    measured().assign(site="north", id=range(600)).to_csv(path, index=False)
    code, text = project.run(*MADE, **warm_jobs.shared())
    line = "config: datasets.mine: data/mine.csv: column id numbers the rows: its values are distinct whole numbers,"
    assert code != 0 and "Traceback" not in text
    assert [of.startswith(line) for of in text.splitlines() if "datasets.mine" in of] == [True]
    assert not (project.folder / "results/data").exists()
    path.unlink()
    code, text = project.run(*MADE, **warm_jobs.shared())
    assert (
        code != 0 and "config: datasets.mine: data/mine.csv: No such file or directory; paths are relative to" in text
    )
