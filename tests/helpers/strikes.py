"""Kills of one job, of Snakemake alone, and of all of it together."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from contextlib import suppress

import psutil

from tests.helpers import warm_jobs
from tests.helpers.project import Project
from tests.helpers.tiny_grid import SCORES, assert_whole, finish, scores

#: seconds after the first job's start within which a strike falls: longer than a job takes
LONGEST = 2.5

#: stages that Snakemake runs before its first job and after its last one
NO_JOBS = ("check_settings", "partial_tables")


def at_work(process: subprocess.Popen) -> list[psutil.Process]:
    """The jobs below a Snakemake, waited for; none where it ends without one."""
    while process.poll() is None:
        if found := jobs(process):
            return found
        # a look costs a hundredth of a second
        time.sleep(0.05)
    return []


def jobs(process: subprocess.Popen) -> list[psutil.Process]:
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                words = child.cmdline()
                if words[1:3] == ["-m", "ebmbench"] and words[4] not in NO_JOBS:
                    found.append(child)
    return found


def strike_job(project: Project, process: subprocess.Popen, draw: random.Random) -> bool:
    """Kill one job: Snakemake goes on with those that do not hang on it, and fails; whether one was hit."""
    if not (found := at_work(process)):
        return False
    with suppress(psutil.NoSuchProcess):
        draw.choice(found).kill()
    text, _ = process.communicate(timeout=280)
    if process.returncode == 0:
        return False
    assert "Error in rule" in text and "Traceback" not in text, text
    return True


def strike_snakemake(project: Project, process: subprocess.Popen, draw: random.Random) -> bool:
    """Kill Snakemake, whose jobs live on."""
    if not (orphans := at_work(process)):
        return False
    process.kill()
    process.wait()
    return any(orphan.is_running() for orphan in orphans)


def strike_all(project: Project, process: subprocess.Popen, draw: random.Random) -> bool:
    """Kill Snakemake and its jobs."""
    if process.poll() is not None:
        return False
    project.kill(process)
    return True


STRIKES = (strike_job, strike_snakemake, strike_all)


def struck(project: Project, times: int, seed: int, expected: bytes) -> bytes:
    """The scores of a project that was struck so many times, its results begun again whenever all were there."""
    draw, hits, orphans = random.Random(seed), 0, []
    while hits < times:
        strike = STRIKES[hits % len(STRIKES)]
        # a Snakemake that is killed has its own process that forks jobs
        process = project.start(SCORES, **(warm_jobs.shared() if strike is strike_job else {}))
        at_work(process)
        time.sleep(draw.uniform(0, LONGEST))
        orphans += jobs(process)
        hit = strike(project, process, draw)
        process.wait(timeout=280)
        process.stdout.close()
        assert_whole(project)
        hits += hit
        if not hit and process.returncode == 0:
            assert scores(project) == expected
            psutil.wait_procs(orphans, timeout=60)
            shutil.rmtree(project.folder / "results")
    found = finish(project, **warm_jobs.shared())
    psutil.wait_procs(orphans, timeout=60)
    return found
