"""Runs that nothing disturbed, and small file systems."""

import shutil
import subprocess

import pytest

from tests.helpers.fault_stages import Stages
from tests.helpers.project import Project
from tests.helpers.tiny_grid import GRID, ONE, finish


@pytest.fixture(scope="session")
def done(tmp_path_factory):
    """The grid, run to its end."""
    project = Project(tmp_path_factory.mktemp("done") / "project", GRID)
    finish(project)
    return project


@pytest.fixture(scope="session")
def expected(tmp_path_factory):
    """The scores of the one cell, by its stages in this process."""
    return Stages(tmp_path_factory.mktemp("expected") / "results", ONE).finish()


class Disk:
    """A file system in memory on a folder."""

    def __init__(self, folder, size):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)

    def change(self, options):
        self._mount("-o", f"remount,{options}", self.folder)

    def fill(self, left):
        """Put a ballast there that leaves so many bytes."""
        ballast = bytes(shutil.disk_usage(self.folder).free - left)
        (self.folder / "ballast").write_bytes(ballast)
        assert shutil.disk_usage(self.folder).free <= left

    def empty(self):
        (self.folder / "ballast").unlink()

    def free(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def _mount(self, *arguments):
        if shutil.which("mount") is None:
            pytest.skip("there is no `mount` here")
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk():
    """Mount file systems, until the test ends."""
    mounted = []

    def mount(folder, size):
        found = Disk(folder, size)
        mounted.append(found)
        return found

    yield mount
    for found in mounted:
        found.free()
