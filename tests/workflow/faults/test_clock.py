"""Files of the future or of long ago, as a clock leaves them that was set: the run ends alike, and settles."""

import os
import time
from pathlib import Path

import pytest

from tests.helpers.tiny_grid import SCORES, Copy, assert_settled, finish, scores

YEAR = 365 * 24 * 3600.0

DATA = "results/data/moons/seeds0-0.safetensors"
MODEL = "results/runs/moons/ebm-ed-none/seeds0-0/model.safetensors"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(done, tmp_path_factory):
    """A project whose files' times are changed; each test leaves it settled."""
    project = Copy(done, tmp_path_factory.mktemp("clock") / "copy")
    assert_settled(project)
    return project


def shift(path, seconds):
    before = path.stat().st_mtime
    os.utime(path, (before + seconds, before + seconds))


def trained(project):
    """When its model was written."""
    return (project.folder / MODEL).stat().st_mtime_ns


def test_results_that_are_all_of_the_future_are_left_alone(finished, done):
    for path in finished.folder.glob("results/**/*"):
        shift(path, YEAR)
    assert_settled(finished)
    # and what is made anew, from the model on, is no older than they
    for name in (SCORES, MODEL, *(str(Path(MODEL).with_name(name)) for name in ("samples.safetensors", "scores.csv"))):
        (finished.folder / name).unlink()
    assert finish(finished) == scores(done)
    assert_settled(finished)
    assert all(path.stat().st_mtime <= time.time() for path in finished.folder.glob("results/**/*") if path.is_file())


def test_rows_of_the_future_are_used_once_more_and_no_more(finished):
    before, model = scores(finished), trained(finished)
    shift(finished.folder / DATA, YEAR)
    assert finish(finished) == before
    assert trained(finished) != model
    assert_settled(finished)


@pytest.mark.parametrize("seconds", [-YEAR, -40 * YEAR])
def test_a_model_older_than_its_rows_is_trained_again(finished, seconds):
    before = scores(finished)
    shift(finished.folder / MODEL, seconds)
    model = trained(finished)
    assert finish(finished) == before
    assert trained(finished) > model - seconds * 1e9
    assert_settled(finished)


def test_rows_of_long_ago_change_nothing(finished):
    before, model = scores(finished), trained(finished)
    shift(finished.folder / DATA, -YEAR)
    assert_settled(finished)
    assert (scores(finished), trained(finished)) == (before, model)
