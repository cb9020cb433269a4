"""Make the pages of a committed run anew from its tables, by the functions of the workflow and without training."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ebmbench.core.csv_schema import read_fields, read_typed
from ebmbench.core.errors import UserError
from ebmbench.core.schemas import SCHEMAS
from ebmbench.planning import cell_dependencies
from ebmbench.planning.comparisons import asked_for, published_beside
from ebmbench.planning.config import Grid, grid
from ebmbench.provenance.audit.commit_check import Commits
from ebmbench.provenance.manifest import Manifest, read_manifest, sha256, write_manifest
from ebmbench.workflow.stages import ranks
from ebmbench.workflow.stages.comparisons import write_comparison
from ebmbench.workflow.stages.controls import write_controls
from ebmbench.workflow.stages.data_facts import NAME
from ebmbench.workflow.stages.literature import write_literature_comparison
from ebmbench.workflow.stages.moment_match_report import write_moment_match_report
from ebmbench.workflow.stages.paired_differences import write_paired_differences
from ebmbench.workflow.stages.reference import TABLES
from ebmbench.workflow.stages.statistics_claims import write_statistics_claims
from ebmbench.workflow.stages.tables import write_readers_tables
from ebmbench.workflow.stages.time_to_kl import write_time_to_kl
from ebmbench.workflow.stages.tuning_table import write_tuning_page

#: tables that pages are made from, where a run has them
_SOURCES = ("scores.csv", "runs.csv", "curves.csv", "tuning.csv", NAME)

#: relative difference up to which two numbers of a table are the same: the tables hold nine digits
_RTOL = 1e-6

#: writes tables and pages into a folder that holds the :data:`_SOURCES`
Stage = Callable[[Path], None]


class CommittedGrid(NamedTuple):
    """A committed run below the checkout ``root``: its folder, its manifest, its configuration and the grid of it."""

    root: Path
    folder: Path
    origin: Manifest
    config: dict[str, Any]
    grid: Grid

    @classmethod
    def read(cls, folder: Path, root: Path) -> CommittedGrid:
        """Read the run in ``folder`` with the configuration of its commit; raise :class:`UserError` without it."""
        origin = read_manifest(folder)
        config = Commits(root).config(origin, SCHEMAS / "config.schema.yaml")
        # the workflow passes it to its stages as JSON with sorted keys, whose order is that of the tables' rows
        config = json.loads(json.dumps(config, sort_keys=True))
        return cls(root, folder, origin, config, grid(config))


def write_committed_pages(folder: Path, root: Path) -> list[str]:
    """Make the pages of the committed run in ``folder`` anew, and record their digests; return what stays as it was.

    A page is made if the table of its name, or summary.csv for the pages of data sets, has the values that today's
    code computes from scores.csv and runs.csv, to a relative 1e-6: tables keep their values, and a page never shows
    others than its table. Tables may gain columns; pages and tables that :mod:`~.reference` would keep are added.
    Raises :class:`UserError` for a folder without a manifest, and for a history without its commit.
    """
    of = CommittedGrid.read(folder, root)
    kept: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        for name in _SOURCES:
            if (folder / name).is_file():
                shutil.copy(folder / name, made)
        for name, stage in _stages(of).items():
            try:
                stage(made)
            except (UserError, KeyError) as error:
                kept.append(f"{name}: {error}")
        written = _replaced(of, made, kept)
    files = of.origin.files | {name: sha256((folder / name).read_bytes()) for name in written}
    write_manifest(folder, of.origin._replace(files=files))
    return [f"{folder.name}: {line}" for line in kept]


def _stages(of: CommittedGrid) -> dict[str, Stage]:
    """Return the stages of the workflow that write pages for this grid, in the order of their inputs."""
    compared = asked_for(of.grid, of.config)
    matched = {
        cell: cell_dependencies.targets(cell, own, of.config)
        for cell, own in of.grid.settings.items()
        if own["statistics"]
    }
    published = of.root / "results/published"
    found: dict[str, tuple[bool, Stage]] = {
        "tables": (True, partial(_write_tables, of)),
        **{name: (True, partial(write_comparison, name, of.grid, of.config)) for name in compared},
        "moment_match": (bool(matched), partial(write_moment_match_report, matched)),
        "statistics_claims": (bool(matched) and "effects" in compared, write_statistics_claims),
        "time_to_kl": (bool(of.config["time_to_kl"]), partial(write_time_to_kl, of.config["time_to_kl"])),
        "tuning": ((of.folder / "tuning.csv").is_file(), write_tuning_page),
        "paired_differences": (True, lambda tables: write_paired_differences(tables / "scores.csv", tables)),
        "ranks": (True, _write_ranks),
        "controls": (True, lambda tables: write_controls(tables / "scores.csv", tables)),
        "literature": (
            published_beside(of.grid.settings, published),
            lambda tables: write_literature_comparison(tables, published, SCHEMAS / "published.schema.yaml"),
        ),
    }
    return {name: stage for name, (wanted, stage) in found.items() if wanted}


def _write_ranks(tables: Path) -> None:
    ranks.write_tables(ranks.RankSources.beside(tables), tables)


def _write_tables(of: CommittedGrid, tables: Path) -> None:
    path = of.folder / NAME
    if not path.is_file():
        raise UserError(f"{path}: the file is missing, without which pages of data sets lack what their captions state")
    write_readers_tables(tables, read_typed(path))


def _replaced(of: CommittedGrid, made: Path, kept: list[str]) -> list[str]:
    """Copy the files of ``made`` to the committed run; return the names of those that changed there or are new."""
    tables = [path for path in sorted(made.glob("*.csv")) if path.name not in _SOURCES]
    stale = {path.stem for path in tables if not _same_values(of.folder / path.name, path)}
    kept += [f"{name}.csv, {name}.md: today's code computes other values" for name in sorted(stale)]
    files = [path for path in tables if _is_kept(path) and path.stem not in stale and _is_new(of.folder, path)]
    pages = [path for path in sorted(made.glob("*.md")) if _table_of(path, tables) not in stale]
    kept += _unmade(of.folder, [path.name for path in made.glob("*.md")], kept)
    for path in (*files, *pages):
        shutil.copy(path, of.folder)
    return [path.name for path in (*files, *pages)]


def _is_kept(table: Path) -> bool:
    return table.stem in TABLES


def _is_new(folder: Path, table: Path) -> bool:
    """Return whether the committed run lacks a table, or columns of it."""
    committed = folder / table.name
    return not committed.is_file() or list(read_fields(committed)) != list(read_fields(table))


def _table_of(page: Path, tables: Collection[Path]) -> str:
    """Return the name of the table that a page shows; a page of another name shows the summary."""
    return page.stem if page.stem in {path.stem for path in tables} else "summary"


def _unmade(folder: Path, made: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Yield the committed pages that no stage makes and that no line names yet."""
    for path in sorted(folder.glob("*.md")):
        if path.name not in made and not any(path.name in line for line in known):
            yield f"{path.name}: no stage of this grid makes it"


def _same_values(committed: Path, fresh: Path) -> bool:
    """Return whether a fresh table has the rows of the committed one, in any order, with the values of its columns."""
    if not committed.is_file():
        return True
    old, new = read_fields(committed), read_fields(fresh)
    if len(old) != len(new) or set(old) - set(new):
        return False
    # the order of rows follows that of the configuration, which does not matter
    names = list(old)
    old, new = (table[names].sort_values(names, ignore_index=True) for table in (old, new))
    return all(_same(was, now) for name in names for was, now in zip(old[name], new[name], strict=True))


def _same(was: str, now: str) -> bool:
    if was == now:
        return True
    try:
        return math.isclose(float(was), float(now), rel_tol=_RTOL)
    except ValueError:
        return False
