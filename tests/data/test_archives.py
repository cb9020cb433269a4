"""Members of archives within archives."""

import io
import tarfile
import zipfile

import pytest

from ebmbench.data import archives


def make_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_tar(members, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


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


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_large_member_is_not_read(make, monkeypatch):
    content = make({"zeros": bytes(1001)})
    monkeypatch.setattr(archives, "LIMIT", 1001)
    assert len(archives.member(content, ("zeros",))) == 1001
    monkeypatch.setattr(archives, "LIMIT", 1000)
    with pytest.raises(ValueError, match="1001 bytes, more than 1000"):
        archives.member(content, ("zeros",))


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
    [b"", b"no archive", make_zip({"a": b"x" * 500})[:60], make_tar({"a": b"x"})[:20]],
    # archives hold the time, and so would their names
    ids=["empty", "text", "zip", "tar"],
)
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(ValueError, match="not a whole zip or tar archive"):
        archives.member(content, ("a",))
