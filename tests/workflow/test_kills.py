"""Killed at any moment, the same command finishes with the tables of an undisturbed run."""

import time

import pytest
from project import SMALL, Project

#: a run of each kind; kills do not ask how many there are
FEW = SMALL | {
    "exclude": [
        *SMALL["exclude"],
        {"match": {"dataset": "ring8_unequal", "family": ["gaussian", "ebm"]}, "reason": "one of each kind is enough"},
    ]
}


def undisturbed(tmp_path):
    project = Project(tmp_path / "undisturbed", FEW)
    code, text = project.run()
    assert code == 0, text
    return project.tables()


def killed_at(folder, moments):
    """The tables of a project that was killed after each of ``moments`` seconds and then run to its end."""
    project = Project(folder, FEW)
    for seconds in moments:
        process = project.start()
        time.sleep(seconds)
        assert process.poll() is None, process.stdout.read()
        project.kill(process)
    code, text = project.run()
    assert code == 0, text
    return project.tables()


def test_killed_at_any_moment_it_finishes_with_the_same_tables(tmp_path):
    assert killed_at(tmp_path / "killed", [7, 10]) == undisturbed(tmp_path)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    expected = undisturbed(tmp_path)
    for index, moments in enumerate([[3, 4, 5, 6, 7], [8, 3, 11], [14, 10], [5.5, 6.5, 7.5, 8.5]]):
        assert killed_at(tmp_path / str(index), moments) == expected
