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


def finished(project):
    """The tables of a project that is run to its end."""
    code, text = project.run()
    assert code == 0, text
    return project.tables("moons")


def killed_when(project, there, *targets):
    """Kill the workflow, which must be running then, as soon as something is ``there``."""
    process = project.start(*targets)
    while process.poll() is None and not there():
        time.sleep(0.02)
    assert process.poll() is None, process.stdout.read()
    project.kill(process)


def after(seconds):
    """What is there after some seconds."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


# kills of each kind, fewer of them: tests/workflow/faults/test_strikes.py
@pytest.mark.slow
def test_killed_at_any_moment_it_finishes_with_the_same_tables(tmp_path):
    project = Project(tmp_path / "killed", FEW)
    for pattern in ("results/data/moons/*.safetensors", "results/runs/moons/*/*/scores.csv"):
        killed_when(project, lambda of=pattern: list(project.folder.glob(of)))
    assert finished(project) == finished(Project(tmp_path / "undisturbed", FEW))


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    start = time.monotonic()
    expected = finished(Project(tmp_path / "undisturbed", FEW))
    whole = time.monotonic() - start
    # what a killed run had finished is not done again: together they stay below a whole one
    for index, fractions in enumerate([[0.25, 0.3, 0.35, 0.4], [0.55, 0.25, 0.4], [0.65], [0.4, 0.45, 0.45]]):
        project = Project(tmp_path / str(index), FEW)
        for fraction in fractions:
            killed_when(project, after(fraction * whole))
        assert finished(project) == expected


#: the one job of it that trains
JOB = "results/runs/moons/ebm-ed-none/seeds0-1"


def trained(project):
    code, text = project.run(f"{JOB}/run.json")
    assert code == 0, text
    curves = pd.read_csv(project.folder / JOB / "curves.csv").drop(columns="seconds").to_csv()
    return (project.folder / JOB / "model.safetensors").read_bytes(), curves


@pytest.mark.slow
def test_killed_in_training_the_same_command_goes_on_where_the_run_was(tmp_path):
    project = Project(tmp_path / "killed", SAVED)
    killed_when(project, (project.folder / JOB / "resume-1.pt").exists, f"{JOB}/run.json")
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
