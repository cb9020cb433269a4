"""Killed at any moment, the same command finishes with the tables of an undisturbed run."""

import re
import time

import pandas as pd
import pytest

from tests.helpers.project import SMALL, Project

#: a run in closed form, one that is trained, one figure; kills do not ask how many there are
FEW = SMALL | {
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {name: SMALL["families"][name] for name in ("gaussian", "ebm")},
    "losses": {"ml": {}, "ed": {}},
    "exclude": [entry for entry in SMALL["exclude"] if entry["reason"] in ("closed form", "dear")],
    "figures": {"kl_seconds": {}},
}


#: the same, trained for seconds a seed and saved several times in each
SAVED = FEW | {
    "families": {"ebm": SMALL["families"]["ebm"]},
    "losses": {"ed": {}},
    "exclude": [],
    "train": {"steps": 1200, "checkpoints": 3, "save_minutes": 0.003},
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


# kills of each kind, fewer of them: tests/workflow/faults/test_strikes.py
@pytest.mark.slow
def test_killed_at_any_moment_it_finishes_with_the_same_tables(tmp_path):
    moments = ["results/data/moons/*.safetensors", "results/runs/moons/*/*/scores.csv"]
    assert killed(tmp_path / "killed", moments) == undisturbed(tmp_path)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    expected = undisturbed(tmp_path)
    for index, moments in enumerate([[3, 4, 5, 6], [8, 3, 7], [10], [5.5, 6.5, 7.5]]):
        assert killed(tmp_path / str(index), moments) == expected


#: the one job of it that trains
JOB = "results/runs/moons/ebm-ed-none/seeds0-1"


def killed_when(project, there):
    """Kill the workflow as soon as something is ``there``."""
    process = project.start(f"{JOB}/run.json")
    while process.poll() is None and not there():
        time.sleep(0.02)
    assert process.poll() is None, process.stdout.read()
    project.kill(process)


def trained(project):
    code, text = project.run(f"{JOB}/run.json")
    assert code == 0, text
    curves = pd.read_csv(project.folder / JOB / "curves.csv").drop(columns="seconds").to_csv()
    return (project.folder / JOB / "model.safetensors").read_bytes(), curves


@pytest.mark.slow
def test_killed_in_training_the_same_command_goes_on_where_the_run_was(tmp_path):
    project = Project(tmp_path / "killed", SAVED)
    killed_when(project, (project.folder / JOB / "resume-1.pt").exists)
    found = trained(project)
    log = (project.folder / "results/logs/train/moons/ebm-ed-none/seeds0-1.log").read_text()
    steps = re.findall(r"^seed 1: goes on after step (\d+)$", log, flags=re.MULTILINE)
    assert len(steps) == 1 and 0 < int(steps[0]) < 1200
    # the first seed was done before the kill
    assert log.startswith("seed 0: ok\n") and "anew" not in log
    assert found == trained(Project(tmp_path / "undisturbed", SAVED))
    assert sorted(path.name for path in (project.folder / JOB).iterdir()) == [
        "curves.csv",
        "model.safetensors",
        "run.json",
    ]
