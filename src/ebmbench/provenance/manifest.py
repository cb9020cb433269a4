"""Manifest of a folder of committed tables: commit, configuration, code of each run, files. Imports no torch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json

#: the file name of the manifest in the folder of a committed run
NAME = "provenance.json"


class CodeOrigin(NamedTuple):
    """The code of some runs: the commit that holds it, and the entry modules of their jobs."""

    commit: str
    modules: list[str]


class Manifest(NamedTuple):
    """The manifest of a committed run, or of committed tables that hold no runs.

    ``config``: sha256 of ``configfile`` at ``commit``, both None for tables that hold no runs; ``code`` by digest;
    ``files``: sha256 by path; ``rung``: the one of the configuration's rungs, None for a grid without.
    """

    commit: str
    configfile: str | None
    config: str | None
    code: dict[str, CodeOrigin]
    files: dict[str, str]
    rung: int | None = None

    @property
    def configuration(self) -> str:
        """Configuration file of the runs, below the checkout; raises :class:`UserError` where there are no runs."""
        if self.configfile is None:
            raise UserError(f"{NAME}: configfile is null; allowed: a configuration, for tables that hold runs")
        return self.configfile


def sha256(content: bytes) -> str:
    """Return the sha256 digest of ``content`` as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of a committed run except :data:`NAME`, by path below ``folder``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in paths}


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of the committed run in ``folder``; raise :class:`UserError` if it is missing or malformed."""
    path = folder / NAME
    if not path.is_file():
        raise UserError(f"{path}: the file is missing; `python -m ebmbench provenance` writes it")
    reported = read_json(path)
    if set(reported) | {"rung"} != set(Manifest._fields):
        raise UserError(f"{path}: keys {', '.join(sorted(reported))}; allowed: {', '.join(Manifest._fields)}")
    try:
        return Manifest(**reported | {"code": {digest: CodeOrigin(**of) for digest, of in reported["code"].items()}})
    except (TypeError, AttributeError) as error:
        raise UserError(f"{path}: code is malformed; allowed: a commit and modules for each digest") from error


def write_manifest(folder: Path, origin: Manifest) -> None:
    """Write the manifest as :data:`NAME` into ``folder``."""
    code = {digest: of._asdict() for digest, of in sorted(origin.code.items())}
    # a grid without rungs has no such key, as in manifests that are older than rungs
    kept = {name: value for name, value in origin._asdict().items() if name != "rung" or value is not None}
    write_json(folder / NAME, kept | {"code": code})
