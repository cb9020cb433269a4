"""Local jobs are forks of one process, which goes with Snakemake; by themselves they write the same."""

import time

import psutil

from tests.helpers.project import SMALL, Project

FEW = SMALL | {
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {"ebm": SMALL["families"]["ebm"]},
    "losses": {"ed": {}},
    "exclude": [],
}

#: the one job whose files both ways must write: its data, training, samples and scores
JOB = "results/runs/moons/ebm-ed-none/seeds0-1"


def serving(process):
    """The process that forks jobs, where there is one."""
    found = [child for child in process.children() if "ebmbench.workflow.cli.fork_server" in child.cmdline()]
    return found[0] if found else None


def watched(project, **environment):
    """(model and scores, who forked, how many forks were seen) of one job's run to its end."""
    run = project.start(f"{JOB}/scores.csv", **environment)
    snakemake, server, forks = psutil.Process(run.pid), None, set()
    while run.poll() is None:
        try:
            server = server or serving(snakemake)
            forks |= set() if server is None else {fork.pid for fork in server.children()}
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.02)
    assert run.wait() == 0, run.stdout.read()
    run.stdout.close()
    written = [(project.folder / JOB / name).read_bytes() for name in ("model.safetensors", "scores.csv")]
    return written, server, len(forks)


def test_jobs_are_forks_and_write_what_they_write_by_themselves(tmp_path):
    forked, server, forks = watched(Project(tmp_path / "forked", FEW))
    assert forks >= 3
    psutil.wait_procs([server], timeout=10)
    assert not server.is_running()
    alone, nobody, none = watched(Project(tmp_path / "alone", FEW), EBMBENCH_FORKSERVER="")
    assert nobody is None and none == 0
    assert forked == alone
