"""The user's folder and the cache, both empty, and a machine without a network."""

import subprocess
import urllib.error

import pytest

from ebmbench.data import remotes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder."""
    monkeypatch.setenv("EBMBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EBMBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def offline(monkeypatch):
    """Neither pip nor an address answers."""

    def pip(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr=b"ERROR: no network\n")

    def urlopen(url, **_):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(remotes.subprocess, "run", pip)
    monkeypatch.setattr(remotes.urllib.request, "urlopen", urlopen)
