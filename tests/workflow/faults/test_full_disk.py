"""A disk without room is one line that names the file; with room again the same command finishes."""

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.project import Project
from tests.helpers.tiny_grid import ONE, assert_settled, finish, refused, scores

#: what is left on a disk that logs still fit on, and data do not
LITTLE = 200_000

FULL = "No space left on device"


def test_each_kind_of_file_that_does_not_fit_is_one_line(disk, expected, tmp_path):
    small = disk(tmp_path / "results", "24m")
    stages = Stages(tmp_path / "results", ONE)
    for stage, missing in (("dataset", stages.data), ("sample", stages.folder / "log_prob.safetensors")):
        small.fill(LITTLE)
        code, lines = stages.run(stage)
        assert code == 1 and len(lines) == 1
        assert lines[0].startswith(f"ebmbench {stage}: {missing}: cannot be written (") and FULL in lines[0]
        assert not missing.exists() and not list(missing.parent.glob(".*"))
        small.empty()
        stages.make(stage, *(["train"] if stage == "dataset" else []))
    small.fill(0)
    assert stages.run("score_run") == (1, [f"ebmbench score_run: {stages.folder}/scores.csv: {FULL}"])
    assert not list(stages.folder.glob("*scores*"))
    small.empty()
    assert stages.finish(after="sample") == expected


@pytest.mark.slow
def test_the_workflow_fails_with_a_line_and_goes_on_with_room(disk, expected, tmp_path):
    project = Project(tmp_path / "project", ONE)
    small = disk(project.folder / "results", "24m")
    small.fill(0)
    code, text = project.run("results/tables/scores.csv")
    assert code == 1 and "Traceback" not in text
    # no log has room, so that it must be Snakemake's own process that says it, before any job
    assert f"results/.at_work: {FULL}" in text.splitlines()
    small.empty()
    for lost, target in (
        ("data/ring8_unequal/seeds0-0", None),
        ("log_prob", "results/data/ring8_unequal/seeds0-0.json"),
    ):
        if target:
            assert project.run(target)[0] == 0
        small.fill(LITTLE)
        (line,) = set(refused(project))
        assert f"{lost}.safetensors: cannot be written (" in line and FULL in line
        assert not list(project.folder.glob(f"results/**/{lost}.safetensors"))
        small.empty()
    assert finish(project) == expected
    assert_settled(project)
    assert scores(project) == expected
