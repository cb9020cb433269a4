"""Snakemake looks for jobs to start when one has ended; else it would look n times a second after n jobs."""

import pytest

from tests.helpers import warm_jobs
from tests.helpers.project import Project, counted
from tests.helpers.tiny_grid import GRID

#: the call that lifts the limit of jobs per second
LIFTED = "    schedule_by_ends()\n"


def looks(project, *options):
    """How many jobs were run, and how often jobs were looked for."""
    code, planned = project.run("-n", "--quiet", "rules")
    assert code == 0, planned
    code, text = project.run("--verbose", *options, **warm_jobs.shared())
    assert code == 0, text
    return counted(planned)["total"], text.count("Ready jobs:")


def test_jobs_are_looked_for_once_a_job(tmp_path):
    jobs, looked = looks(Project(tmp_path / "lifted", GRID))
    assert jobs > 12 and looked <= jobs + 1


@pytest.mark.slow
def test_with_the_limit_they_are_looked_for_far_more_often(tmp_path):
    limited = Project(tmp_path / "limited", GRID)
    rules = limited.folder / "workflow/rules/start.smk"
    assert LIFTED in rules.read_text()
    rules.write_text(rules.read_text().replace(LIFTED, ""))
    jobs, looked = looks(limited, "--cores", "1")
    assert looked > jobs + 5
