"""A folder is recorded like a file: whatever happens to what it holds is seen, and what it hides is not."""

import os

import pytest

from ebmbench.core import local_files
from ebmbench.core.local_files import LocalFile


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "mine"
    (found / "a").mkdir(parents=True)
    for name in ("a/1.png", "a/2.png", "3.png"):
        (found / name).write_text(name)
    return found


def recorded(folder):
    digests = {str(path.relative_to(folder)): local_files.observe(path).sha256 for path in local_files.files_of(folder)}
    return LocalFile(str(folder), local_files.digest_of_folder(digests), *local_files.status_of(folder))


def test_files_are_in_order_and_hidden_ones_are_none(folder):
    (folder / ".git").mkdir()
    (folder / ".git/4.png").write_text("x")
    names = [str(path.relative_to(folder)) for path in local_files.files_of(folder)]
    assert names == ["3.png", "a/1.png", "a/2.png"]


@pytest.mark.parametrize(
    "change",
    [
        lambda of: (of / "4.png").write_text("x"),
        lambda of: (of / "3.png").unlink(),
        lambda of: (of / "3.png").rename(of / "a/3.png"),
        lambda of: (of / "3.png").write_text("3.gif"),
        lambda of: (of / "a/1.png").rename(of / "a/0.png"),
    ],
    ids=["added", "deleted", "moved", "edited", "renamed"],
)
def test_a_change_is_seen(folder, change):
    record = recorded(folder)
    assert record.present_digest() == record.sha256
    change(folder)
    assert record.present_digest() != record.sha256


def test_a_touch_and_a_hidden_file_change_nothing(folder):
    record = recorded(folder)
    os.utime(folder / "a/1.png")
    (folder / ".DS_Store").write_text("x")
    assert local_files.status_of(folder) != (record.size, record.mtime_ns)
    assert record.present_digest() == record.sha256


def test_an_older_file_in_the_place_of_another_is_seen(folder):
    """The latest time of change would be the same, and so would the sizes."""
    record = recorded(folder)
    (folder / "3.png").write_text("3.gif")
    os.utime(folder / "3.png", (1, 1))
    assert record.present_digest() != record.sha256


def test_a_folder_that_is_gone_has_no_digest(folder):
    record = recorded(folder)
    folder.rename(folder.with_name("other"))
    assert record.present_digest() is None
