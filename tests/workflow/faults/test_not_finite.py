"""One NaN among a data set's rows is one line with file and split, and no run that diverged."""

import math

import pytest

from ebmbench.core import files
from tests.helpers.fault_stages import Stages
from tests.helpers.tiny_grid import ONE, Copy, assert_settled, scores


def spoil(path, split):
    """One value of a split is NaN."""
    tensors = files.read_tensors(path)
    tensors[f"0/{split}"][3, 1] = math.nan
    files.write_tensors(path, tensors)
    assert files.read_tensors(path)[f"0/{split}"].isnan().sum() == 1


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_every_stage_that_reads_rows_names_file_and_split(split, expected, tmp_path):
    stages = Stages(tmp_path / "results", ONE)
    for stage, before in (("train", "dataset"), ("sample", "train"), ("score_run", "sample")):
        stages.make(before)
        whole = stages.data.read_bytes()
        spoil(stages.data, split)
        line = f"{stages.data}: 0/{split} holds a NaN or an infinite value; delete the file and run again"
        assert stages.run(stage) == (1, [f"ebmbench {stage}: {line}"])
        stages.data.write_bytes(whole)
    assert not (stages.folder / "scores.csv").exists()
    assert stages.finish(after="sample") == expected


@pytest.mark.slow
def test_the_workflow_names_it_and_makes_the_rows_again(done, tmp_path):
    project = Copy(done, tmp_path / "copy")
    path = project.folder / "results/data/moons/seeds0-0.safetensors"
    spoil(path, "val")
    code, text = project.run()
    assert code == 1
    # it is not as it was made, which is seen before a stage reads it
    assert text.splitlines()[-1].startswith(f"{path.relative_to(project.folder)}: changed since the workflow made it")
    path.unlink()
    code, text = project.run()
    assert code == 0, text
    assert scores(project) == scores(done)
    assert_settled(project)
