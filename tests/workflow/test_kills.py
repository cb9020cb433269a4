"""Killed at any moment, the same command finishes with the tables of an undisturbed run."""

import time

import pytest
from project import SMALL, Project

#: a run in closed form, one that is trained, one figure; kills do not ask how many there are
FEW = SMALL | {
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {name: SMALL["families"][name] for name in ("gaussian", "ebm")},
    "losses": {"ml": {}, "ed": {}},
    "exclude": [entry for entry in SMALL["exclude"] if entry["reason"] in ("closed form", "dear")],
    "figures": {"kl_seconds": {}},
}


def undisturbed(tmp_path):
    project = Project(tmp_path / "undisturbed", FEW)
    code, text = project.run()
    assert code == 0, text
    return project.tables("moons")


def killed(folder, moments):
    """The tables of a project that was killed at each of ``moments`` and then run to its end.

    A moment: seconds after the start, or a pattern of files, one of which has appeared.
    """
    project = Project(folder, FEW)
    for moment in moments:
        process = project.start()
        if isinstance(moment, str):
            while process.poll() is None and not list(folder.glob(moment)):
                time.sleep(0.02)
        else:
            time.sleep(moment)
        assert process.poll() is None, process.stdout.read()
        project.kill(process)
    code, text = project.run()
    assert code == 0, text
    return project.tables("moons")


def test_killed_at_any_moment_it_finishes_with_the_same_tables(tmp_path):
    moments = ["results/data/moons/*.safetensors", "results/runs/moons/*/*/scores.csv"]
    assert killed(tmp_path / "killed", moments) == undisturbed(tmp_path)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    expected = undisturbed(tmp_path)
    for index, moments in enumerate([[3, 4, 5, 6], [8, 3, 7], [10], [5.5, 6.5, 7.5]]):
        assert killed(tmp_path / str(index), moments) == expected
