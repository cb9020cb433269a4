"""A file inside an archive, perhaps an archive inside it: read by its name, never unpacked to disk."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Sequence

#: bytes; the largest file that is read out of an archive
LIMIT = 128 * 2**20


def member(content: bytes, path: Sequence[str]) -> bytes:
    """The bytes at ``path``: a member of the archive ``content``, then a member of that member, and so on.

    A zip (so a wheel) and a tar, compressed or not, are recognised by their content. Raises ``ValueError``
    where there is no such member, where it is larger than :data:`LIMIT`, or for another kind of file.
    """
    for name in path:
        kind = _from_zip if zipfile.is_zipfile(io.BytesIO(content)) else _from_tar
        try:
            content = kind(content, name)
        except KeyError as error:
            raise ValueError(f"no member {name!r}") from error
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
            raise ValueError(f"not a whole zip or tar archive ({error})") from error
    return content


def _from_zip(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_size(name, archive.getinfo(name).file_size)
        return archive.read(name)


def _from_tar(content: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        entry = archive.getmember(name)
        if not entry.isreg():
            raise ValueError(f"member {name!r} is not a plain file")
        _check_size(name, entry.size)
        handle = archive.extractfile(entry)
        return handle.read() if handle else b""


def _check_size(name: str, size: int) -> None:
    if size > LIMIT:
        raise ValueError(f"member {name!r} has {size} bytes, more than {LIMIT}")
