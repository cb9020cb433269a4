"""Where a committed run is from: its commit, its configuration, the code of each run, its files. Imports no torch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json

#: the file of a committed run that tells it
NAME = "provenance.json"


class CodeOrigin(NamedTuple):
    """The code of runs: the commit whose it is, and the modules that their jobs began with."""

    commit: str
    modules: list[str]


class Manifest(NamedTuple):
    """``config``: sha256 of ``configfile`` as ``commit`` has it; ``code`` by digest; ``files``: sha256 by path."""

    commit: str
    configfile: str
    config: str
    code: dict[str, CodeOrigin]
    files: dict[str, str]


def sha256(content: bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """sha256 of every file of a committed run but of :data:`NAME`, by path below ``folder``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in paths}


def read_manifest(folder: Path) -> Manifest:
    """Of the committed run in ``folder``; raises :class:`UserError` where it is not told."""
    path = folder / NAME
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; `python -m ebmbench provenance` writes it")
    told = read_json(path)
    if set(told) != set(Manifest._fields):
        raise UserError(f"{path}: keys {', '.join(sorted(told))}; allowed: {', '.join(Manifest._fields)}")
    return Manifest(**told | {"code": {digest: CodeOrigin(**of) for digest, of in told["code"].items()}})


def write_manifest(folder: Path, origin: Manifest) -> None:
    """Write :data:`NAME` into ``folder``."""
    code = {digest: of._asdict() for digest, of in sorted(origin.code.items())}
    write_json(folder / NAME, origin._asdict() | {"code": code})
