"""Replace a committed run with the results of a grid: its tables, pages and figures, changelog entry and provenance."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ebmbench.core.errors import UserError
from ebmbench.planning.reference_runs import SMOKE
from ebmbench.provenance import manifest
from ebmbench.provenance.audit import tolerances
from ebmbench.workflow.stages.changelog import write_changelog
from ebmbench.workflow.stages.run_manifest import write_run_manifest

#: tables that are kept where a grid has them; scores and runs are always there
TABLES = (
    *("scores", "runs", "skipped", "summary", "curves", "cost", "sampling", "failures", "tuning", "time_to_kl"),
    *("moment_match", "statistics_claims", "effects", "over_ml", "over_base", "gap_closed", "literature"),
    *("paired_differences", "datasets", "controls"),
)

#: ends of the names of figures' tables that are too large to keep: drawn densities and samples
LARGE = ("_grid.csv", "_draws.csv")


class RunSource(NamedTuple):
    """The configuration file of a run, below the checkout ``root``, the commits that it was made with, and its rung."""

    configfile: str
    root: Path
    commits: Sequence[str]
    rung: int | None = None


def write_reference(results: Path, committed: Path, source: RunSource, log: Path, day: date) -> None:
    """Replace the folder ``committed`` with the kept files of ``results`` and their provenance; add to the changelog.

    The new folder is complete before it takes the old one's place, so that an error leaves the old one as it was. The
    run manifest starts from the old provenance.json: see :func:`.run_manifest.write_run_manifest`. Raises
    :class:`UserError` for a file that is missing, for a folder that holds something else than a committed run, and
    where the run manifest or the changelog cannot be written.
    """
    before = committed / manifest.NAME
    if committed.exists() and not before.is_file():
        raise UserError(f"{committed}: no committed run; allowed: a new folder, or one with {manifest.NAME}")
    kept = kept_files(results, committed.name)
    committed.parent.mkdir(parents=True, exist_ok=True)
    # two levels deep: no listing of the committed runs finds it
    with tempfile.TemporaryDirectory(prefix=".", dir=committed.parent) as beside:
        fresh = Path(beside, "fresh")
        # tolerances stay those of the run that is replaced, until they are measured again
        old = {name: committed / name for name in (manifest.NAME, tolerances.NAME)}
        _copy(kept | {name: path for name, path in old.items() if path.is_file()}, fresh)
        write_run_manifest(fresh, source.configfile, source.root, source.commits, source.rung)
        write_changelog(results / "tables", committed, log, day)
        _swap(fresh, committed, Path(beside, "before"))


def kept_files(results: Path, name: str) -> dict[str, Path]:
    """Return the files of ``results`` that the committed run ``name`` keeps, by path below its folder.

    Of the smoke grid, which only audits read, these are the scores and the runs. Raises :class:`UserError` for a file
    that every committed run needs and that is missing.
    """
    tables = results / "tables"
    needed = [tables / "scores.csv", tables / "runs.csv"]
    needed += [] if name == SMOKE else [results / "invocations.csv"]
    for path in needed:
        if not path.is_file():
            raise UserError(f"{path}: the file is missing; run the whole grid first")
    if name == SMOKE:
        return {path.name: path for path in needed}
    found = [path for name in TABLES if (path := tables / f"{name}.csv").is_file()] + _listed(tables, ".md")
    kept = {path.name: path for path in [*needed, *found]}
    figures = [path for path in _listed(results / "figures", ".png", ".csv") if not path.name.endswith(LARGE)]
    kept |= {f"figures/{path.name}": path for path in figures}
    for experiment in sorted(results.glob("experiments/*/")):
        kept |= {f"figures/{experiment.name}{kind}": experiment / f"figure{kind}" for kind in (".png", ".csv")}
    return kept


def _listed(folder: Path, *suffixes: str) -> list[Path]:
    """Return the files of a folder with these suffixes, without the hidden ones that a killed stage leaves behind."""
    paths = sorted(folder.glob("*"))
    return [path for path in paths if path.suffix in suffixes and not path.name.startswith(".")]


def _copy(files: Mapping[str, Path], folder: Path) -> None:
    for name, path in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _swap(fresh: Path, committed: Path, before: Path) -> None:
    """Rename ``committed`` to ``before`` and ``fresh`` to ``committed``; undo the first if the second fails."""
    try:
        if committed.exists():
            committed.rename(before)
        fresh.rename(committed)
    except BaseException:
        if before.exists() and not committed.exists():
            before.rename(committed)
        raise
