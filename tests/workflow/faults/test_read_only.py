"""A folder that cannot be written is one line; when it can be, the same command finishes."""

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.project import Project
from tests.helpers.tiny_grid import ONE, SCORES, finish

REFUSED = "Read-only file system"


def test_a_stage_says_what_it_cannot_write(disk, expected, tmp_path):
    stages = Stages(tmp_path / "results", ONE)
    locked = disk(tmp_path / "results", "24m")
    locked.change("ro")
    assert stages.run("dataset") == (1, [f"ebmbench dataset: {tmp_path / 'results/data'}: {REFUSED}"])
    locked.change("rw")
    stages.make("dataset", "train")
    locked.change("ro")
    code, (line,) = stages.run("sample")
    assert code == 1 and REFUSED in line
    assert line.startswith(f"ebmbench sample: {stages.folder}/samples.safetensors: cannot be written (")
    locked.change("rw")
    assert stages.finish(after="train") == expected


def test_the_workflow_says_it_before_any_job(disk, tmp_path):
    project = Project(tmp_path / "project", ONE)
    locked = disk(project.folder / "results", "24m")
    locked.change("ro")
    code, text = project.run(SCORES)
    assert code == 1 and f"results/.lock: {REFUSED}" in text.splitlines()
    assert "Traceback" not in text and "rule dataset" not in text
    assert list((project.folder / "results").iterdir()) == []


@pytest.mark.slow
def test_results_of_before_stay_as_they_are_and_the_rest_is_made_when_it_can_be(disk, expected, tmp_path):
    project = Project(tmp_path / "project", ONE)
    locked = disk(project.folder / "results", "24m")
    data = "results/data/ring8_unequal/seeds0-0.safetensors"
    assert project.run(data)[0] == 0
    before = (project.folder / data).read_bytes()
    locked.change("ro")
    code, text = project.run(SCORES)
    assert code == 1 and f"results/.lock: {REFUSED}" in text.splitlines() and "Traceback" not in text
    assert (project.folder / data).read_bytes() == before
    locked.change("rw")
    assert finish(project) == expected
