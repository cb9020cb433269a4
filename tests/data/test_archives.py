"""Members of archives within archives."""

import gzip
import io
import tarfile

import pytest

from ebmbench.data import archives
from tests.helpers.packed import make_tar, make_zip


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_member_of_a_tar_in_a_zip(mode):
    inner = make_tar({"a/b.csv": b"1,2\n", "b.csv": b"other"}, mode)
    wheel = make_zip({"p/inner.tar": inner})
    assert archives.member(wheel, ("p/inner.tar", "a/b.csv")) == b"1,2\n"
    assert archives.member(wheel, ("p/inner.tar",)) == inner
    assert archives.member(make_tar({"x.zip": wheel}), ("x.zip", "p/inner.tar", "b.csv")) == b"other"


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_an_absent_member_is_named(make):
    with pytest.raises(ValueError, match=r"no member 'b\.csv'"):
        archives.member(make({"a/b.csv": b""}), ("b.csv",))


def test_a_file_that_gzip_compressed_is_its_only_member_by_any_name():
    compressed = gzip.compress(b"1,2\n")
    assert archives.member(compressed, ("b.csv",)) == b"1,2\n"
    assert archives.member(make_tar({"a/b.csv.gz": compressed}), ("a/b.csv.gz", "b.csv")) == b"1,2\n"


def make_gzip(members):
    (content,) = members.values()
    return gzip.compress(content)


@pytest.mark.parametrize("make", [make_zip, make_tar, make_gzip])
def test_a_large_member_is_not_read(make, monkeypatch):
    content = make({"ones": b"1" * 1001})
    monkeypatch.setattr(archives, "LIMIT", 1001)
    assert len(archives.member(content, ("ones",))) == 1001
    monkeypatch.setattr(archives, "LIMIT", 1000)
    with pytest.raises(ValueError, match="1001 bytes, more than 1000"):
        archives.member(content, ("ones",))


def test_only_plain_files_of_a_tar_are_read():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("data.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    with pytest.raises(ValueError, match="not a plain file"):
        archives.member(buffer.getvalue(), ("data.csv",))


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", make_zip({"a": b"x" * 500})[:60], make_tar({"a": b"x"})[:20], gzip.compress(b"x" * 99)[:-9]],
    # archives hold the time, and so would their names
    ids=["empty", "text", "zip", "tar", "gzip"],
)
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(ValueError, match="not a complete zip archive, tar archive or gzip file"):
        archives.member(content, ("a",))
