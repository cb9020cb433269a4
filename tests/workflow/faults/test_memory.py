"""A job without memory fails and says so; others are finished, and with memory so is it."""

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.project import SMALL, Project
from tests.helpers.tiny_grid import GRID, ONE, finish, refused

#: batches that a job of little memory has no room for
WIDE = GRID | {
    "datasets": {"ring8_unequal": SMALL["datasets"]["ring8_unequal"]},
    "train": {"steps": 3, "checkpoints": 1, "batch_size": 100_000},
}

#: the job whose command holds the words of the variable gets little more memory than its modules take
STARVED = """
import os
import resource
import sys
from pathlib import Path

if os.environ.get("STARVED", "no job") in " ".join(sys.orig_argv):
    import ebmbench.workflow.stages.train

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 2**25
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
"""


def test_an_allocation_that_fails_is_one_line(expected, tmp_path):
    stages = Stages(tmp_path / "results", ONE)
    stages.make("dataset")
    # more than any machine can address
    code, lines = stages.run("train", batch_size=10**15)
    assert code == 1 and len(lines) == 1
    assert lines[0].startswith("ebmbench train: not enough memory (") and "allocate" in lines[0]
    assert not (stages.folder / "run.json").exists()
    assert stages.finish(after="dataset") == expected


@pytest.mark.slow
def test_a_job_under_a_limit_fails_alone_and_is_made_without_it(tmp_path):
    project = Project(tmp_path / "starved", WIDE)
    (project.folder / "src/sitecustomize.py").write_text(STARVED)
    cell = "ring8_unequal/ebm-ed-none"
    (line,) = set(refused(project, STARVED=f"train --cell {cell}"))
    assert line.startswith("ebmbench train: ") and "memory" in line
    assert not list(project.folder.glob(f"results/runs/{cell}/*/*.*"))
    assert [path.parts[-3] for path in project.folder.glob("results/runs/*/*/*/scores.csv")] == ["gaussian-ml-none"]
    assert finish(project) == finish(Project(tmp_path / "undisturbed", WIDE))
