"""Tiny grids, and what is looked at after a fault."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ebmbench.core import files
from tests.helpers.project import SMALL, Project

#: two data sets, a model in closed form and one that is trained
GRID = SMALL | {
    "seeds": 1,
    "families": {name: SMALL["families"][name] for name in ("gaussian", "ebm")},
    "losses": {"ml": {}, "ed": {}},
    "exclude": [entry for entry in SMALL["exclude"] if entry["reason"] in ("closed form", "dear")],
    "figures": {},
}

#: the one that is trained, on one of them
ONE = GRID | {
    "datasets": {"ring8_unequal": SMALL["datasets"]["ring8_unequal"]},
    "families": {"ebm": SMALL["families"]["ebm"]},
    "losses": {"ed": {}},
    "exclude": [],
}

SCORES = "results/tables/scores.csv"


class Copy(Project):
    """A finished project in another folder, its files as old as they were."""

    def __init__(self, project: Project, folder: Path) -> None:
        shutil.copytree(project.folder, folder)
        self.folder = folder
        # the folder's name is among the parameters of `collect`
        finish(self)


def finish(project: Project, **environment: str) -> bytes:
    """The scores, after a run that must end well."""
    code, text = project.run(SCORES, **environment)
    assert code == 0, text
    return scores(project)


def scores(project: Project) -> bytes:
    return (project.folder / SCORES).read_bytes()


def refused(project: Project, **environment: str) -> list[str]:
    """What the stages say on their last lines, in a run that must fail without a traceback."""
    code, text = project.run(SCORES, **environment)
    assert code == 1, text
    assert "Traceback" not in text, text
    return [line for line in text.splitlines() if line.startswith("ebmbench ")]


def assert_settled(project: Project) -> None:
    code, text = project.run(SCORES)
    assert code == 0 and "Nothing to be done" in text, text


def assert_whole(project: Project) -> None:
    """Whatever goes under its own name can be read to its end."""
    for path in project.folder.glob("results/*/**/*"):
        if path.name.startswith("."):
            continue
        if path.suffix == ".json":
            files.read_json(path)
        elif path.suffix == ".safetensors":
            files.read_tensors(path)
        elif path.suffix == ".csv":
            assert path.read_text().endswith("\n"), path


def cut(path: Path, bytes_left: int | None = None, keep_time: bool = False) -> None:
    """Leave the first half of a file, or so many bytes."""
    content, before = path.read_bytes(), path.stat()
    path.write_bytes(content[: len(content) // 2 if bytes_left is None else bytes_left])
    assert path.stat().st_size < before.st_size
    if keep_time:
        # as a crash of the machine may leave it
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
