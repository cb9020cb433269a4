"""A published file of which one byte is another is refused by name and sha256; the right one heals."""

import hashlib
import os
from pathlib import Path

import pytest

from ebmbench.data.parkinsons import Parkinsons
from tests.helpers.fault_stages import verb
from tests.helpers.project import Project
from tests.helpers.tiny_grid import GRID, SCORES, finish

FILE = Parkinsons.file

#: a table, its likelihood in closed form
TABLE = GRID | {
    "datasets": {"parkinsons": {}},
    "families": {"gaussian": {}},
    "losses": {"ml": {}},
    "exclude": [],
}


@pytest.fixture(scope="module")
def published():
    """The file as published; no test fetches it."""
    path = Path(os.environ.get("EBMBENCH_DATA", "."), FILE.name)
    if not path.is_file():
        pytest.skip(f"{FILE.name} is not in the folder named by EBMBENCH_DATA")
    return path.read_bytes()


@pytest.fixture
def places(tmp_path):
    """A user's folder and a cache, both empty, and no network."""
    (tmp_path / "data").mkdir()
    (tmp_path / "cache").mkdir()
    offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    return {"EBMBENCH_DATA": str(tmp_path / "data"), "EBMBENCH_CACHE": str(tmp_path / "cache")} | offline


def spoilt(content):
    """A digit in the middle is another, and the sha256 of all that."""
    place = next(at for at in range(len(content) // 2, len(content)) if content[at : at + 1].isdigit())
    other = b"1" if content[place : place + 1] != b"1" else b"2"
    found = content[:place] + other + content[place + 1 :]
    assert sum(a != b for a, b in zip(found, content, strict=True)) == 1
    return found, hashlib.sha256(found).hexdigest()


def written(content, places, out):
    """What the stage says, with ``content`` as the user's file, and the rows that it writes."""
    Path(places["EBMBENCH_DATA"], FILE.name).write_bytes(content)
    code, lines = verb("dataset", "--name", "parkinsons", "--seeds", "0-0", "--settings", "{}", "--out", out)
    rows = out / "seeds0-0.safetensors"
    return code, lines, rows.read_bytes() if rows.exists() else None


def test_one_byte_is_one_line_with_both_sums(published, places, monkeypatch, tmp_path):
    for name, value in places.items():
        monkeypatch.setenv(name, value)
    wrong, sha256 = spoilt(published)
    code, (line,), rows = written(wrong, places, tmp_path / "out")
    assert code == 1 and rows is None
    assert f"EBMBENCH_DATA: {FILE.name} has the wrong sha256 {sha256}" in line
    assert line.endswith(f"put {FILE.name} (sha256 {FILE.sha256}) into the folder named by EBMBENCH_DATA")
    code, lines, healed = written(published, places, tmp_path / "out")
    assert (code, lines) == (0, [])
    assert healed == written(published, places, tmp_path / "undisturbed")[2]


def test_a_spoilt_cache_is_no_better(published, places, monkeypatch, tmp_path):
    for name, value in places.items():
        monkeypatch.setenv(name, value)
    wrong, sha256 = spoilt(published)
    kept = Path(places["EBMBENCH_CACHE"], FILE.kept)
    kept.write_bytes(wrong)
    options = ("--name", "parkinsons", "--seeds", "0-0", "--settings", "{}", "--out", tmp_path / "out")
    code, (line,) = verb("dataset", *options)
    assert code == 1 and f"cache: {FILE.name} has the wrong sha256 {sha256}" in line
    assert f"(sha256 {FILE.sha256})" in line and not list(tmp_path.glob("out/*"))
    kept.write_bytes(published)
    assert verb("dataset", *options) == (0, [])


@pytest.mark.slow
def test_the_workflow_stops_at_it_and_goes_on_with_the_right_file(published, places, tmp_path):
    project = Project(tmp_path / "project", TABLE)
    wrong, sha256 = spoilt(published)
    given = Path(places["EBMBENCH_DATA"], FILE.name)
    given.write_bytes(wrong)
    code, text = project.run(SCORES, **places)
    (line,) = {line for line in text.splitlines() if line.startswith("ebmbench ")}
    assert code == 1 and "Traceback" not in text
    assert line.startswith("ebmbench dataset: dataset parkinsons: ") and sha256 in line and FILE.sha256 in line
    assert not list(project.folder.glob("results/data/parkinsons/*"))
    given.write_bytes(published)
    assert finish(project, **places) == finish(Project(tmp_path / "undisturbed", TABLE), **places)
