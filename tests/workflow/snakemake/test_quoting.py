"""The workflow runs in a checkout and writes to a folder whose names a shell would split or end a string at."""

import shlex
from pathlib import Path

import pytest

from ebmbench.workflow.cli.app import ebmbench
from tests.helpers import warm_jobs
from tests.helpers.project import SMALL, Project

RESULTS = "my out"

#: a job with each option that a rule adds: settings of a search, a base, a trained run to tilt or to study
GRID = SMALL | {
    "results": RESULTS,
    "seeds": 1,
    "train": {"steps": 5, "checkpoints": 1},
    "datasets": {"moons": SMALL["datasets"]["moons"]},
    "families": {
        "nvp": {"couplings": 2, "width": 8},
        "gebm_flow": {"base": "nvp", "width": 8, "depth": 1},
        "ebm": SMALL["families"]["ebm"],
    },
    "losses": {"ml": {}, "kale_f": {}, "ed": {}},
    "stats": {"none": {}, "after": {"kind": "posthoc", "set": "moments"}},
    "tuning": {"trials": 1, "spaces": [{"match": {"loss": "ed", "stats": "none"}, "space": {"train": {"steps": [5]}}}]},
    "include": [
        {"match": {"family": "nvp", "loss": "ml", "stats": "none"}},
        {"match": {"family": "gebm_flow", "loss": "kale_f", "stats": "none"}},
        {"match": {"family": "ebm", "loss": "ed"}},
    ],
    "exclude": [],
    "experiments": {"latent_samplers": {"run": "moons/gebm_flow-kale_f-none"}},
    "figures": {"mismatch_bars": {}},
}


#: files that take a search, a tilt, samples and scores, but none of the slow imports of tables and figures
FILES = [
    f"{RESULTS}/runs/moons/{name}" for name in ("ebm-ed-none/seeds0-0/scores.csv", "ebm-ed-after/seeds0-0/run.json")
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("quoting") / "a b'c", GRID)


def test_every_command_of_the_grid_is_split_into_the_words_that_are_meant(project):
    code, text = project.run("-n", "-p")
    assert code == 0, text
    commands = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("Shell command: python")]
    stages = set()
    for command in commands:
        words, mark, log = (found := shlex.split(command))[:-3], found[-3], found[-2]
        assert (words[:4], mark, found[-1]) == (["python", "-m", "ebmbench", "stage"], ">", "2>&1")
        assert log.startswith(f"{RESULTS}/logs/")
        called = ebmbench.commands["stage"].commands[words[4]]
        with called.make_context(words[4], words[5:]) as context:
            paths = [value for value in context.params.values() if isinstance(value, Path) and not value.is_absolute()]
        assert paths and {path.parts[0] for path in paths} == {RESULTS}
        stages.add(words[4])
    assert {"tune", "train", "tilt", "sample", "score_run", "collect", "experiment", "figure"} <= stages


def test_jobs_run_and_write_where_they_must(project):
    code, text = project.run(*FILES, **warm_jobs.shared())
    assert code == 0, text
    assert all((project.folder / name).is_file() for name in FILES)
    assert {path.name for path in project.folder.iterdir()} == {
        *(".snakemake", "Snakefile", "config", "envs", "profiles", "src", "workflow"),
        RESULTS,
    }
    assert project.planned(*FILES) == {}
