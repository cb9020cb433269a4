"""The text that changes when a local file of a data set has changed."""

import json
import os
import subprocess
import sys

import pytest

from ebmbench.core import local_files
from ebmbench.planning.local_files import read_as


class Recorded:
    """Facts of a data set that was read from two files, as the data stage records them."""

    def __init__(self, folder):
        self.facts, self.paths = folder / "seeds0-0.json", [folder / "a.csv", folder / "b.csv"]
        self.clock = 10**18
        self.write("first", "second")
        self.record("")

    def write(self, *texts):
        for path, text in zip(self.paths, texts, strict=False):
            path.write_text(text)
            # file systems may keep the time in steps of milliseconds
            self.clock += 10**9
            os.utime(path, ns=(self.clock, self.clock))

    def record(self, text):
        found = [local_files.read(path).file._asdict() for path in self.paths]
        self.facts.write_text(json.dumps({"files": found, "read_as": text}))

    def text(self):
        return read_as(self.facts)


@pytest.fixture
def recorded(tmp_path):
    return Recorded(tmp_path)


def test_without_facts_or_with_damaged_ones_there_is_no_text(tmp_path):
    facts = tmp_path / "seeds0-0.json"
    assert read_as(facts) == ""
    facts.write_text('{"files": [')
    assert read_as(facts) == ""
    facts.write_text('{"dataset": "moons"}')
    assert read_as(facts) == ""


def test_unchanged_and_touched_files_keep_the_text(recorded):
    assert recorded.text() == ""
    os.utime(recorded.paths[0], (1, 1))
    assert recorded.text() == ""
    recorded.record("changed: before")
    os.utime(recorded.paths[0], (2, 2))
    assert recorded.text() == "changed: before"


def test_an_edit_changes_the_text_until_it_is_recorded_and_so_does_its_reversal(recorded):
    recorded.write("edited")
    edited = recorded.text()
    assert edited.startswith("changed: ")
    assert edited == recorded.text()
    recorded.record(edited)
    assert recorded.text() == edited
    recorded.write("first")
    back = recorded.text()
    assert back not in ("", edited)
    recorded.record(back)
    assert recorded.text() == back


def test_an_edit_of_the_same_length_is_seen(recorded):
    recorded.write("fir5t")
    assert recorded.text() != ""


def test_a_missing_file_changes_the_text_and_its_return_does_not(recorded):
    recorded.paths[1].unlink()
    assert "missing" in recorded.text()
    recorded.write("first", "second")
    assert recorded.text() == ""


def test_files_that_swap_their_content_twice_change_the_text_each_time(recorded):
    recorded.write("second", "first")
    once = recorded.text()
    recorded.record(once)
    recorded.write("first", "second")
    assert recorded.text() not in ("", once)


def test_a_large_unchanged_file_is_not_hashed(recorded, monkeypatch):
    monkeypatch.setattr(local_files.hashlib, "file_digest", None)
    assert recorded.text() == ""


def test_it_needs_no_torch():
    code = "import sys, ebmbench.planning.local_files; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
