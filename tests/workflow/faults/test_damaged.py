"""A file that is cut off between two stages is named by the next one; without it, the same command heals."""

import re
from pathlib import Path

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.tiny_grid import ONE, Copy, cut, scores

#: file -> the stage that meets it first, and the last one before what makes it
MET = {
    "model.safetensors": ("sample", "dataset"),
    "run.json": ("sample", "dataset"),
    "samples.safetensors": ("score_run", "train"),
    "log_prob.safetensors": ("score_run", "train"),
    "sampling.json": ("score_run", "train"),
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """All stages of the one cell; each test leaves them whole."""
    found = Stages(tmp_path_factory.mktemp("damaged") / "results", ONE)
    found.finish()
    return found


def refusal(stage, path):
    kind = "JSON" if path.suffix == ".json" else "safetensors"
    return f"ebmbench {stage}: {path}: not a complete {kind} file ("


@pytest.mark.parametrize("name", MET)
def test_the_next_stage_names_it(name, stages, expected):
    path, (stage, before) = stages.folder / name, MET[name]
    whole = path.read_bytes()
    for bytes_left in (0, 5, None):
        path.write_bytes(whole)
        cut(path, bytes_left)
        code, (line,) = stages.run(stage)
        assert code == 1
        assert line.startswith(refusal(stage, path)) and line.endswith("delete it and run again")
    # what is made without it does not depend on what it was
    path.unlink()
    assert stages.finish(after=before) == expected


def test_tables_are_not_made_of_it(stages, expected):
    for name in ("log_prob.safetensors", "run.json"):
        cut(stages.folder / name)
        code, (line,) = stages.run("collect")
        assert code == 1 and line.startswith(refusal("collect", stages.folder / name))
        assert stages.finish(after=MET[name][1]) == expected


@pytest.mark.slow
def test_the_workflow_names_each_and_heals(done, tmp_path):
    project = Copy(done, tmp_path / "copy")
    runs = {
        f"{dataset} {family}": project.folder / f"results/runs/{dataset}/{family}-{loss}-none/seeds0-0"
        for dataset in ("moons", "ring8_unequal")
        for family, loss in (("gaussian", "ml"), ("ebm", "ed"))
    }
    cut(runs["moons gaussian"] / "model.safetensors")
    cut(runs["ring8_unequal gaussian"] / "run.json", keep_time=True)
    cut(runs["moons ebm"] / "samples.safetensors")
    cut(runs["ring8_unequal ebm"] / "sampling.json", keep_time=True)
    cut(runs["ring8_unequal ebm"] / "log_prob.safetensors")
    named = set()
    while len(named) < 5:
        code, text = project.run()
        line = text.splitlines()[-1]
        assert code == 1 and "changed since the workflow made it; delete it and run again" in line
        found = {Path(name) for name in re.findall(r"results/runs/[^ ,:]+", line)}
        assert found and not found & named
        for name in found:
            (project.folder / name).unlink()
        named |= found
    code, text = project.run()
    assert code == 0, text
    assert scores(project) == scores(done)
    code, text = project.run()
    assert code == 0 and "Nothing to be done" in text
