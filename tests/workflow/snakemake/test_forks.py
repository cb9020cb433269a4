"""Local jobs are forks of one process, which goes with Snakemake; without it they write the same."""

import time

import psutil

from tests.helpers.fault_stages import Stages
from tests.helpers.project import SMALL, Project

FEW = SMALL | {
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {"ebm": SMALL["families"]["ebm"]},
    "losses": {"ed": {}},
    "exclude": [],
}

#: the one job of it, of which each stage's files say whether it did the same
JOB = "results/runs/moons/ebm-ed-none/seeds0-1"
DATA = "results/data/moons/seeds0-1.safetensors"

#: what each process below Snakemake notes of itself, and each fork of one: process, parent, module
NOTING = """
import os
import sys

def note():
    with open(os.environ["NOTES"], "a") as notes:
        print(os.getpid(), os.getppid(), *sys.orig_argv[2:3], file=notes)

note()
os.register_at_fork(after_in_child=note)
"""

SERVER = "ebmbench.workflow.cli.fork_server"


def noted(folder, target, **environment):
    """The project after an invocation that must end well, and (process, parent, module) of each process below it."""
    project, notes = Project(folder, FEW), folder.with_suffix(".notes")
    (project.folder / "src/sitecustomize.py").write_text(NOTING)
    code, text = project.run(target, NOTES=str(notes), **environment)
    assert code == 0, text
    found = [line.split() for line in notes.read_text().splitlines()]
    return project, [(int(process), int(parent), module) for process, parent, module in found]


def test_jobs_are_forks_and_write_what_the_stages_write_without_them(tmp_path):
    project, processes = noted(tmp_path / "forked", f"{JOB}/scores.csv")
    served = [(process, parent) for process, parent, module in processes if module == SERVER]
    # a fork bears the module of who forked it
    (server,) = {process for process, _ in served} - {process for process, parent in served if parent in dict(served)}
    # its forks: a check of the settings, data, training, sampling, scores
    assert sum(parent == server for _, parent in served) == 5
    end = time.monotonic() + 10
    while psutil.pid_exists(server) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(server)
    stages = Stages(tmp_path / "results", FEW)
    stages.make("dataset", "train", "sample", "score_run")
    assert (project.folder / DATA).read_bytes() == stages.data.read_bytes()
    for name in ("model.safetensors", "samples.safetensors", "scores.csv"):
        assert (project.folder / JOB / name).read_bytes() == (stages.folder / name).read_bytes(), name


def test_where_forks_are_not_wanted_a_job_is_a_process_of_its_own(tmp_path):
    project, processes = noted(tmp_path / "alone", DATA, EBMBENCH_FORKSERVER="")
    assert {module for _, _, module in processes} == {"ebmbench"}
    stages = Stages(tmp_path / "results", FEW)
    stages.make("dataset")
    assert (project.folder / DATA).read_bytes() == stages.data.read_bytes()
