"""Reading of files inside (nested) archives by name, without unpacking to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence

#: bytes; size of the largest file that is read from an archive
LIMIT = 128 * 2**20

#: first bytes of a gzip file
GZIP = b"\x1f\x8b"

#: errors that the archive readers raise for damaged or encrypted archives and for unknown compression methods
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def member(content: bytes, path: Sequence[str]) -> bytes:
    """Return the bytes at ``path``: a member of the archive ``content``, then a member of that member, and so on.

    Zip files (including wheels), tar files, compressed or not, and gzip files are recognised by their content. A gzip
    file has a single member, which any name selects. Raises ``ValueError`` if there is no such member, if it is larger
    than :data:`LIMIT`, or for any other kind of file.
    """
    for name in path:
        try:
            content = _reader(content)(content, name)
        except KeyError as error:
            raise ValueError(f"no member {name!r}") from error
        except BROKEN as error:
            reported = " ".join(str(error).split())
            raise ValueError(f"not a complete zip archive, tar archive or gzip file ({reported})") from error
    return content


def _reader(content: bytes) -> Callable[[bytes, str], bytes]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _from_zip
    zipped = content.startswith(GZIP) and not tarfile.is_tarfile(io.BytesIO(content))
    return _from_gzip if zipped else _from_tar


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


def _from_gzip(content: bytes, name: str) -> bytes:
    with gzip.open(io.BytesIO(content)) as handle:
        found = handle.read(LIMIT + 1)
        rest = handle.read(1)
    _check_size(name, len(found) + len(rest))
    return found


def _check_size(name: str, size: int) -> None:
    if size > LIMIT:
        raise ValueError(f"member {name!r} has {size} bytes, more than {LIMIT}")
