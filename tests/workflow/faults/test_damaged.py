"""A file that is cut off between two stages is named by the next one; without it, the same command heals."""

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.tiny_grid import ONE, SCORES, Copy, assert_settled, cut, finish, refused, scores

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


@pytest.mark.parametrize("bytes_left", [0, 5, None])
@pytest.mark.parametrize("name", MET)
def test_the_next_stage_names_it(name, bytes_left, stages, expected):
    path, (stage, before) = stages.folder / name, MET[name]
    cut(path, bytes_left)
    code, (line,) = stages.run(stage)
    assert code == 1
    assert line.startswith(refusal(stage, path)) and line.endswith("delete it and run again")
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
    damaged = {
        "sample": [runs["moons gaussian"] / "model.safetensors", runs["ring8_unequal gaussian"] / "run.json"],
        "score_run": [runs["moons ebm"] / "samples.safetensors", runs["ring8_unequal ebm"] / "sampling.json"],
    }
    for stage, (first, second) in damaged.items():
        cut(first)
        # one that is as old as it was is met when what is made from it is not there
        cut(second, keep_time=True)
        for name in ("samples.safetensors", "scores.csv") if stage == "sample" else ("scores.csv",):
            (second.parent / name).unlink()
    reported = refused(project)
    for stage, paths in damaged.items():
        for path in paths:
            start = refusal(stage, path.relative_to(project.folder))
            assert any(line.startswith(start) for line in reported), (start, reported)
            path.unlink()
    assert len(set(reported)) == 4
    assert finish(project) == scores(done)
    assert_settled(project)


@pytest.mark.slow
def test_the_workflow_meets_one_that_is_as_old_as_it_was_where_it_is_needed(done, tmp_path):
    project = Copy(done, tmp_path / "copy")
    path = project.folder / "results/runs/moons/ebm-ed-none/seeds0-0/log_prob.safetensors"
    cut(path, keep_time=True)
    assert_settled(project)
    (project.folder / SCORES).unlink()
    (line,) = set(refused(project))
    assert line.startswith(refusal("collect", path.relative_to(project.folder)))
    path.unlink()
    assert finish(project) == scores(done)
    assert_settled(project)
