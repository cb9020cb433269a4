"""Types of paths on the command line, which refuse a path of no use before a command starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click


class AnyName(click.Path):
    """A path that is not empty: an empty one would be the working folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fail with one line that says what is allowed."""
        if value == "":
            self.fail("the name is empty; allowed: the name of a file or folder", param, ctx)
        path = cast(Path, super().convert(value, param, ctx))
        if refusal := self.refusal(path):
            self.fail(refusal, param, ctx)
        return path

    def refusal(self, path: Path) -> str:
        """Return the line that refuses ``path``, empty if it is of use."""
        return ""


class ExistingFile(AnyName):
    """A file to read."""

    def refusal(self, path: Path) -> str:
        """Refuse what is missing and what is a folder."""
        return "" if path.is_file() else f"{path}: the file is missing; allowed: a file that exists"


class NewFile(AnyName):
    """A file to write into a folder that exists."""

    def refusal(self, path: Path) -> str:
        """Refuse a file in a folder that does not exist, which may be mistyped."""
        return "" if path.parent.is_dir() else f"{path}: the folder {path.parent} is missing; make it first"


class OutFolder(AnyName):
    """A folder to write into, which may be new."""

    def refusal(self, path: Path) -> str:
        """Refuse a path on which a file is in the way."""
        at = _existing(path)
        return "" if at.is_dir() else f"{at} is a file; allowed: a folder, or a new name"


class OutFile(OutFolder):
    """A file to write, whose folder may be new; its name has to end in the ``suffix`` of what is written."""

    def __init__(self, suffix: str) -> None:
        super().__init__()
        self.suffix = suffix

    def refusal(self, path: Path) -> str:
        """Refuse another suffix, and a path that cannot be a file."""
        if path.suffix.lower() != self.suffix:
            return f"{path}: the file is written as {self.suffix}; allowed: a name that ends in {self.suffix}"
        return f"{path} is a folder; allowed: a file" if path.is_dir() else super().refusal(path.parent)


def _existing(path: Path) -> Path:
    """Return ``path``, or the nearest folder or file above it that exists."""
    return next(at for at in (path, *path.parents) if at.exists())
