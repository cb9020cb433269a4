"""Stage that writes the manifest of a committed run, or of committed tables that hold no runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ebmbench.core.cells import AXES, Cell
from ebmbench.core.csv_schema import read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning import code_modules
from ebmbench.planning.config import Grid, grid
from ebmbench.provenance import history, manifest
from ebmbench.provenance.audit.commit_check import Commits
from ebmbench.provenance.code_digest import Sources
from ebmbench.provenance.manifest import CodeOrigin, Manifest


def write_run_manifest(
    folder: Path, configfile: str, root: Path, named: Sequence[str], rung: int | None = None
) -> None:
    """Write provenance.json of the committed run in ``folder``; ``named``: its commits, the first with ``configfile``.

    ``rung``: the one of the configuration's rungs that the run is of; the last by default.

    An existing entry in the provenance of ``folder`` is kept if the code of its commit still has its digest: modules
    may have been renamed since, so today's names may not find the code of an older run. Raises :class:`UserError` for a
    run whose code is in none of the commits, and for a configuration that the first commit lacks.
    """
    commits, names = Commits(root), [history.full_name(root, commit) for commit in named]
    content = commits.content(names[0], configfile)
    reported = Manifest(names[0], configfile, manifest.sha256(content), {}, manifest.digests(folder), rung)
    config = commits.config(reported, SCHEMAS / "config.schema.yaml")
    reported = reported._replace(rung=config["rung"] if config["rungs"] else None)
    runs = read_typed(folder / "runs.csv")
    stored = manifest.read_manifest(folder).code if (folder / manifest.NAME).is_file() else {}
    found = {digest: made for digest, made in stored.items() if _verified(digest, made, commits)}
    code = _code(runs, config, grid(config), {name: commits.sources(name) for name in names}, found)
    manifest.write_manifest(folder, reported._replace(code=code))


def write_table_manifest(folder: Path, root: Path, named: Sequence[str]) -> None:
    """Write provenance.json of committed tables without runs in ``folder``; ``named``: the commit that made them.

    Raises :class:`UserError` for a folder that is missing or has runs, which need their configuration, and for more
    than one commit.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: the folder is missing")
    if (folder / "runs.csv").is_file():
        raise UserError(f"{folder}: --configfile is missing; allowed: the configuration of its runs.csv")
    if len(named) != 1:
        raise UserError(f"{folder}: {len(named)} commits given; allowed: one, for tables that hold no runs")
    commit = history.full_name(root, named[0])
    manifest.write_manifest(folder, Manifest(commit, None, None, {}, manifest.digests(folder)))


def _verified(digest: str, made: CodeOrigin, commits: Commits) -> bool:
    """Return whether the code of a stored entry still has its digest; False if its commit or a module is missing."""
    try:
        return commits.sources(made.commit).digest(made.modules) == digest
    except (UserError, KeyError):
        return False


def _code(
    runs: pd.DataFrame,
    config: Mapping[str, Any],
    asked: Grid,
    commits: Mapping[str, Sources],
    stored: Mapping[str, CodeOrigin],
) -> dict[str, CodeOrigin]:
    column = "provenance.code_digest"
    wanted = set(runs[column])
    found = {digest: made for digest, made in stored.items() if digest in wanted}
    for row in runs[[*AXES, column, "run"]].drop_duplicates([*AXES, column]).to_dict("records"):
        if row[column] not in found:
            began = code_modules.of_run(config, asked, Cell(*(row[axis] for axis in AXES)))
            found[row[column]] = _made(row["run"], row[column], began, commits)
    return found


def _made(run: str, digest: str, began: Sequence[str], commits: Mapping[str, Sources]) -> CodeOrigin:
    for name, sources in commits.items():
        # an older commit may lack a module that an axis names now, such as the method that matches nothing
        held = [module for module in began if sources.has(module)]
        if sources.digest(held) == digest:
            return CodeOrigin(name, held)
    where = ", ".join(name[:7] for name in commits)
    raise UserError(
        f"{run}: its code digest {digest} is not that of {where}; commit the code of this run, or run it again"
    )
