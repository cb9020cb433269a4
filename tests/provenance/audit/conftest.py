"""A repository made for the audit: a package, a configuration and a committed run."""

from __future__ import annotations

import shutil

import pytest
import yaml

from ebmbench.workflow.stages.run_manifest import write_run_manifest
from tests.helpers.committed_repository import CONFIG, git, runs_of
from tests.helpers.paths import ROOT


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A repository with the package, a configuration, and a committed run that says where it is from."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    (folder / "config").mkdir()
    (folder / "config/own.yaml").write_text(yaml.safe_dump(CONFIG))
    reference = folder / "results/reference/own"
    reference.mkdir(parents=True)
    runs_of(folder).to_csv(reference / "runs.csv", index=False)
    (reference / "scores.csv").write_text("run,value\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "one")
    # one file of all objects, which each copy takes along
    git(folder, "gc", "--quiet")
    write_run_manifest(reference, "config/own.yaml", folder, ["HEAD"])
    return folder


@pytest.fixture
def repository(made, tmp_path):
    """A copy to damage."""
    folder = tmp_path / "repository"
    shutil.copytree(made, folder)
    return folder, folder / "results/reference/own"
