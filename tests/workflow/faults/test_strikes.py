"""Killed at random moments, in part or as a whole, the same command finishes with an undisturbed run's scores."""

import pytest

from tests.helpers.project import Project
from tests.helpers.strikes import struck
from tests.helpers.tiny_grid import GRID, ONE, assert_whole, scores


def test_after_one_kill_of_each_kind_the_scores_are_the_same(expected, tmp_path):
    project = Project(tmp_path / "struck", ONE)
    assert struck(project, 3, seed=1, expected=expected) == expected
    assert_whole(project)


@pytest.mark.slow
def test_after_twenty_kills_the_scores_are_the_same(done, tmp_path):
    project = Project(tmp_path / "struck", GRID)
    assert struck(project, 20, seed=2, expected=scores(done)) == scores(done)
    assert_whole(project)
