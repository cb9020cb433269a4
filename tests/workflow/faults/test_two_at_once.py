"""Of two Snakemakes on one folder the second gives way; a killed one holds nothing back."""

import pytest

from tests.helpers.project import Project
from tests.helpers.strikes import at_work
from tests.helpers.tiny_grid import GRID, ONE, SCORES, assert_settled, finish, scores

BUSY = "results: another snakemake is at work on this folder; wait for it, or set another `results`"

pytestmark = pytest.mark.slow


def test_the_second_says_so_and_the_first_is_unhurt(done, tmp_path):
    project = Project(tmp_path / "two", GRID)
    first = project.start(SCORES)
    assert at_work(first)
    code, text = project.run(SCORES)
    # all the while the first was at it
    assert at_work(first)
    assert code == 1 and text.splitlines().count(BUSY) == 1
    assert "Traceback" not in text and "jobid" not in text
    reported, _ = first.communicate(timeout=280)
    assert first.returncode == 0, reported
    assert scores(project) == scores(done)
    assert_settled(project)


def test_a_killed_one_lets_the_next_begin_though_its_jobs_live_on(expected, tmp_path):
    project = Project(tmp_path / "killed", ONE)
    first = project.start(SCORES)
    (orphan,) = at_work(first)
    first.kill()
    first.wait()
    assert orphan.is_running()
    assert finish(project) == expected
