"""The record of outputs tells what was deleted or edited since, and nothing else."""

import os

import pytest

from ebmbench.core.errors import UserError
from ebmbench.workflow import output_record
from ebmbench.workflow.output_record import begin, changes, end, read_record, refuse_edited

FILES = ("data/moons/seeds0-1.json", "runs/moons/a-b-c/seeds0-1/run.json", "tables/scores.csv")


@pytest.fixture
def results(tmp_path):
    """A results folder after an invocation, its files a minute old."""
    for name in (*FILES, "logs/collect.log", "runs/moons/a-b-c/seeds0-1/resume-0.pt", "smoke/tables/scores.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
        os.utime(path, (1e9, 1e9))
    begin(tmp_path)
    end(tmp_path, {})
    return tmp_path


def found(results):
    return changes(read_record(results), results)


def edit(path):
    path.write_text(path.read_text().replace("s", "z"))


def test_it_holds_what_jobs_make(results):
    assert set(read_record(results)) == set(FILES)
    assert found(results) == ([], [])


def test_a_folder_without_a_record_has_no_changes(tmp_path):
    assert found(tmp_path) == ([], [])


@pytest.mark.parametrize("name", FILES)
def test_deleted_and_edited_files_are_found(results, name):
    path = results / name
    edit(path)
    # as old as it was and as long
    os.utime(path, (1e9, 1e9))
    assert found(results) == ([], [])
    edit(path)
    path.write_text("x")
    assert found(results) == ([], [path])
    path.unlink()
    assert found(results) == ([path], [])


def test_a_touched_file_is_the_same(results):
    os.utime(results / FILES[0])
    assert found(results) == ([], [])


def test_what_is_made_again_is_recorded_and_what_is_missing_stays_missing(results):
    record = read_record(results)
    (results / FILES[0]).unlink()
    edit(results / FILES[2])
    begin(results)
    end(results, record)
    assert found(results) == ([results / FILES[0]], [])


def test_after_a_kill_files_of_the_killed_invocation_are_its_own(results, monkeypatch):
    monkeypatch.setattr(output_record.time, "time", lambda: 2e9)
    (results / FILES[1]).write_text("edited before it")
    begin(results)
    (results / FILES[2]).write_text("made by it")
    os.utime(results / FILES[2], (2e9 + 1, 2e9 + 1))
    assert found(results) == ([], [results / FILES[1]])
    # a second start keeps the mark of the first
    monkeypatch.setattr(output_record.time, "time", lambda: 3e9)
    begin(results)
    assert found(results) == ([], [results / FILES[1]])


def test_edited_files_are_refused_in_one_line(results):
    refuse_edited([])
    with pytest.raises(UserError, match=r"^a, b, c and 2 more: changed since .*; delete it and run again"):
        refuse_edited(["a", "b", "c", "d", "e"])
